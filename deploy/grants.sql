-- 数据库账号的权限，由数据库管理员执行，可以重复执行：mysql -u root -p < deploy/grants.sql
-- 先在客户端里建账号，每个账号一个口令；口令不写进任何文件（MySQL 可以自己生成：identified by random password）：
--   create user 'hall_scores'@'localhost' identified by '…';
--   create user 'bi'@'%' identified by '…';
-- 库名或账号不同时改下面的名字。`\_` 不能省：未转义的 `_` 匹配任意字符。
--
-- Rights of each account. The database administrator runs this file; it may be repeated. First create the accounts
-- at the prompt of the client, each with its own password, which goes into no file (MySQL can generate one:
-- identified by random password). Keep the backslashes: a bare `_` matches any character.

-- 构建：结果库、_work、_rules 与预览的临时库。不用一个 `hall\_scores%`：OceanBase 上它会盖过下面账本的授权。
-- The build: the marts, their _work and _rules, scratch schemas of previews. One pattern for all of them would
-- override the grant on the ledger below on OceanBase.
grant all on `hall\_scores`.* to 'hall_scores'@'localhost';
grant all on `hall\_scores\_work`.* to 'hall_scores'@'localhost';
grant all on `hall\_scores\_rules`.* to 'hall_scores'@'localhost';
grant all on `hall\_scores\_preview%`.* to 'hall_scores'@'localhost';

-- 装载程序写原始表；原始表由别的系统写入时改为 grant select / the loader writes the raw tables; grant select if another system does
grant all on `government\_hall`.* to 'hall_scores'@'localhost';

-- 账本只准追加 / the ledger is append only
grant create, select, insert on `hall\_scores\_ledger`.* to 'hall_scores'@'localhost';

-- BI 只读集市与账本视图：看不到原始表（群众留言）、_work（申诉理由）、_rules 和账本本身。授权在库上，构建替换表后仍有效；
-- show view 供 BI 工具读取视图的列。
-- BI reads only the marts and the views of the ledger: not the raw tables (comments of citizens), _work (texts of
-- appeals), _rules or the ledger itself. A grant on the schema stays valid when a build replaces a table;
-- show view lets BI tools read the columns of a view.
grant select, show view on `hall\_scores`.* to 'bi'@'%';
