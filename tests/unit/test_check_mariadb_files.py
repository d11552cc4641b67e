"""mariadb.files: damage, copies and settings told apart"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.mariadb_files import mariadb_files


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            "[ERROR] InnoDB: Page [page id: space=0, page number=354] log sequence number 317955229475 is in "
            "the future!",
            "pages are newer than the redo log: the files were",
            "restore a backup made with",
        ),
        (
            "[ERROR] InnoDB: Not applying INSERT_HEAP_DYNAMIC due to corruption on [page id: space=25, page "
            "number=164]",
            "pages of the database are damaged: by a lost power",
            "look at the disk (`dmesg`, SMART), copy",
        ),
        (
            "[ERROR] Fatal error: Can't open and lock privilege tables: Table 'mysql.user' doesn't exist",
            "the server's system tables (mysql.*) are missing",
            "where it holds nothing of value, remove",
        ),
        (
            "[ERROR] InnoDB: The Auto-extending innodb_system data file './ibdata1' is of a different size "
            "768 pages",
            "the system tablespace is not as the configuration",
            "set innodb_data_file_path and",
        ),
        (
            "[ERROR] InnoDB: Operating system error number 22 in a file operation.",
            "the file system under the data directory cannot do",
            "keep the data in a named volume or on",
        ),
        (
            "[ERROR] InnoDB: Operating system error number 2 in a file operation.",
            "files that the data dictionary (or the",
            "restore the missing files from the",
        ),
        (
            "[ERROR] Can't init tc log",
            "the transaction coordinator's log (tc.log) is",
            "look at the disk's room, move tc.log",
        ),
        (
            "[ERROR] InnoDB: Obtaining redo log encryption key version 1 failed",
            "tables or log are encrypted, and the key (its",
            "give the plugin and its key file as",
        ),
        (
            "[ERROR] InnoDB: innodb_force_recovery is on.",
            "innodb_force_recovery is still set: the server is",
            "dump what is needed, then take",
        ),
        (
            "error: Found option without preceding group in config file: /etc/mysql/conf.d/my.cnf at line: 1",
            "the server's configuration cannot be read",
            "correct that file; `mariadbd --help",
        ),
        (
            "ERROR 1064 (42000) at line 5: You have an error in your SQL syntax",
            "a script of the first start",
            "correct the script (1064 is its",
        ),
        (
            "[ERROR] Slave SQL: Error 'Duplicate entry' on query",
            "this server is a replica that stopped: its data",
            "`SHOW REPLICA STATUS` names the",
        ),
        (
            "[ERROR] Can't open shared library 'auth_socket.so'",
            "the plugin auth_socket.so is not in this image, or",
            "take its plugin_load_add line out, or",
        ),
        (
            "[ERROR] Can't find messagefile '/usr/share/mysql/errmsg.sys'",
            "the file /usr/share/mysql/errmsg.sys of the image",
            "take basedir and lc-messages-dir out of",
        ),
        (
            "Error dropping database (can't rmdir './test', errno: 39 \"Directory not empty\")",
            "the data lies on a file system of Windows or macOS",
            "a named volume of the engine instead of",
        ),
    ],
)
def test_a_line_is_read(line: str, cause: str, remedy: str) -> None:
    agrees(mariadb_files, "mariadb", line, cause, remedy)
