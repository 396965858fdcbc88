# SPDX-License-Identifier: ISC
"""A ClickHouse of the tests' own on free ports of the loopback, ended by its
process id."""
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from servers import free_ports

PROGRAM = "/usr/sbin/clickhouse-server"

CONFIG = """<yandex><logger><level>error</level><console>1</console></logger>
<http_port>%(port)d</http_port><tcp_port>%(native)d</tcp_port><listen_host>127.0.0.1</listen_host>
<path>%(dir)s/data/</path><tmp_path>%(dir)s/tmp/</tmp_path><user_files_path>%(dir)s/files/</user_files_path>
<format_schema_path>%(dir)s/schemas/</format_schema_path><users_config>users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>5368709</mark_cache_size></yandex>
"""

USERS = """<yandex><profiles><default/><readonly><readonly>1</readonly></readonly></profiles><quotas><default/></quotas><users>
<default><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></default>
<mcp_read><password>read word</password><networks><ip>::/0</ip></networks><profile>readonly</profile><quota>default</quota></mcp_read>
<mcp_write><password>write word</password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></mcp_write>
</users></yandex>
"""


class ClickHouse:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="mcp-clickhouse-")
        self.port, native = free_ports(2)
        self.process = None
        with open(os.path.join(self.dir, "config.xml"), "w") as f:
            f.write(CONFIG % {"port": self.port, "native": native, "dir": self.dir})
        with open(os.path.join(self.dir, "users.xml"), "w") as f:
            f.write(USERS)
        self.start()

    def start(self):
        with open(os.path.join(self.dir, "log"), "ab") as log:
            self.process = subprocess.Popen([PROGRAM, "--config-file=%s/config.xml" % self.dir], cwd=self.dir, stdout=log, stderr=log)
        until = time.monotonic() + 60
        while True:
            try:
                assert self.ask("SELECT 1") == "1"
                return
            except urllib.error.URLError:
                assert self.process.poll() is None and time.monotonic() < until, "ClickHouse does not start"
                time.sleep(0.05)

    def ask(self, sql, database="default"):
        request = urllib.request.Request("http://127.0.0.1:%d/?database=%s&allow_experimental_low_cardinality_type=1" % (self.port, database), data=sql.encode())
        return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60).read().decode().strip()

    def kill(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def close(self):
        self.kill()
        shutil.rmtree(self.dir)
