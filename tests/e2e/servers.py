# SPDX-License-Identifier: ISC
"""Real web servers in front of mcp.fcgi, each on a free loopback port.

A server is started with start(), answers under self.url, and is ended by its
process id with stop().  The configurations are the ones that "mcpctl web"
prints, cut down to a private folder.
"""
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time

USER = "www-data" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name


def as_user():
    """Options of subprocess that make it run as the web server's user."""
    if os.getuid() != 0:
        return {}
    u = pwd.getpwnam(USER)
    return {"user": u.pw_uid, "group": u.pw_gid, "extra_groups": []}


def free_port():
    """A port nobody listens on right now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def free_ports(n):
    """So many of them, each another one."""
    held = [socket.socket() for _ in range(n)]
    for s in held:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


def wait_until(ready, process=None, seconds=20):
    """Poll until ready() holds; stop early when the process has died."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return
        if process is not None and process.poll() is not None:
            raise RuntimeError("the server died: %s" % process.returncode)
        time.sleep(0.01)
    raise RuntimeError("the server did not get ready")


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def takes(path):
    with socket.socket(socket.AF_UNIX) as s:
        return s.connect_ex(path) == 0


class Server:
    """What all have in common; a subclass writes its configuration."""

    name = "none"
    cgi = False
    streams = True
    own_socket = False  # needs mcp.fcgi --workers on a socket of its own

    def __init__(self, site, workers=2, token=None, more="", modules=(), inside=""):
        """token: what the server adds to every request as Authorization;
        more: lines for its configuration, with the modules they need; inside:
        lines for nginx where the program is reached; after: for lighttpd, lines
        behind ours."""
        self.site = site
        self.workers = workers
        self.token, self.more, self.extra_modules, self.inside = token, more, tuple(modules), inside
        self.after = ""
        self.port = free_port()
        self.url = "http://127.0.0.1:%d/mcp" % self.port
        self.dir = os.path.join(site.dir, "server-%s-%d" % (self.name, self.port))
        self.processes = []

    def start(self):
        os.makedirs(os.path.join(self.dir, "www"))
        if os.getuid() == 0:
            for path, _, _ in os.walk(self.dir):
                shutil.chown(path, USER)
        if self.own_socket:
            self.spawn_workers()
        self.run(self.command(self.configure()))
        wait_until(self.ready, self.processes[-1])
        return self

    def ready(self):
        return listens(self.port)

    def run(self, argv, **more):
        err = open(os.path.join(self.dir, "stderr"), "ab")
        p = subprocess.Popen(argv, stdout=err, stderr=err, stdin=more.pop("stdin", subprocess.DEVNULL), start_new_session=True, **more)
        err.close()
        self.processes.append(p)
        return p

    def spawn_workers(self):
        """mcp.fcgi --workers with a listening socket on fd 0."""
        self.socket = os.path.join(self.dir, "mcp.sock")
        s = socket.socket(socket.AF_UNIX)
        s.bind(self.socket)
        s.listen(128)
        if os.getuid() == 0:
            shutil.chown(self.socket, USER)
        os.chmod(self.socket, 0o660)
        self.run([self.site.program("mcp.fcgi"), "--workers", str(self.workers), self.site.conf], stdin=s.fileno(), cwd="/", **as_user())
        s.close()

    def alive(self):
        return all(p.poll() is None for p in self.processes)

    def stderr(self):
        with open(os.path.join(self.dir, "stderr"), errors="replace") as f:
            return f.read()

    def stop(self):
        for p in reversed(self.processes):
            if p.poll() is None:
                p.send_signal(signal.SIGTERM)
        for p in reversed(self.processes):
            try:
                p.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, signal.SIGKILL)
                p.wait()

    def write(self, text, name="conf"):
        path = os.path.join(self.dir, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


class Lighttpd(Server):
    name = "lighttpd-fcgi"
    modules = ("mod_fastcgi",)

    def user(self):
        return 'server.username = "%s"\n' % USER if os.getuid() == 0 else ""

    def common(self):
        return (
            'server.document-root = "%s/www"\nserver.port = %d\nserver.bind = "127.0.0.1"\n'
            'server.errorlog = "%s/error.log"\nserver.upload-dirs = ( "%s" )\n' % (self.dir, self.port, self.dir, self.dir)
        ) + self.user()

    def addition(self):
        """Modules that are not there yet, the token, and the lines given."""
        names = (("mod_setenv",) if self.token else ()) + self.extra_modules
        lines = ["server.modules += ( %s )" % ", ".join('"%s"' % m for m in dict.fromkeys(names) if m not in self.modules)] if names else []
        if self.token:
            lines.append('setenv.add-request-header = ( "Authorization" => "Bearer %s" )' % self.token)
        return "\n".join(lines + [self.more]) + "\n"

    def configure(self):
        return self.write(
            self.common()
            + """server.modules = ( "mod_fastcgi" )
%s$HTTP["url"] =~ "^/(mcp|\\.well-known/oauth-protected-resource)" {
    server.stream-response-body = 1
    fastcgi.server = ( "" => ((
        "bin-path" => "%s --workers %d", "socket" => "%s/s", "check-local" => "disable",
        "max-procs" => 1, "bin-environment" => ( "MCP_CONFIG" => "%s" ) )))
}
%s""" % (self.addition(), self.site.program("mcp.fcgi"), self.workers, self.dir, self.site.conf, self.after)
        )

    def command(self, conf):
        return [shutil.which("lighttpd") or "/usr/sbin/lighttpd", "-D", "-f", conf]


class LighttpdCgi(Lighttpd):
    name = "lighttpd-cgi"
    cgi = True
    modules = ("mod_alias", "mod_setenv", "mod_cgi")

    def configure(self):
        cgi = self.site.program("mcp.fcgi")
        return self.write(
            self.common()
            + """server.modules = ( "mod_alias", "mod_setenv", "mod_cgi" )
%salias.url = ( "/mcp" => "%s", "/.well-known/oauth-protected-resource" => "%s" )
$HTTP["url"] =~ "^/(mcp|\\.well-known/oauth-protected-resource)(/|$)" {
    cgi.assign = ( "mcp.fcgi" => "" )
    setenv.set-environment = ( "MCP_CONFIG" => "%s" )
    server.stream-response-body = 1
}
""" % (self.addition(), cgi, cgi, self.site.conf)
        )


class Apache(Server):
    """A private Apache; subclasses say how mcp.fcgi is reached."""

    modules = ()

    def configure(self):
        mods = ("mpm_event", "authz_core", "alias", "unixd", "mime") + self.modules + (("headers",) if self.token else ()) + self.extra_modules
        lines = ["LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so" % (m, m) for m in dict.fromkeys(mods) if m not in ("unixd",)]
        user = "User %s\nGroup %s\n" % (USER, USER) if os.getuid() == 0 else ""
        return self.write(
            "\n".join(lines)
            + """
ServerRoot "%s"
ServerName 127.0.0.1
Listen 127.0.0.1:%d
PidFile "%s/pid"
ErrorLog "%s/error.log"
TypesConfig /dev/null
DocumentRoot "%s/www"
Mutex file:%s default
%s%s%s
%s
""" % (self.dir, self.port, self.dir, self.dir, self.dir, self.dir, user, self.body(), self.identity(), self.more)
        )

    def identity(self):
        return 'RequestHeader set Authorization "Bearer %s"\n' % self.token if self.token else ""

    def command(self, conf):
        return ["/usr/sbin/apache2", "-DFOREGROUND", "-f", conf]


class ApacheFcgid(Apache):
    name = "apache-fcgid"
    modules = ("fcgid",)

    def body(self):
        return """ScriptAlias /mcp %(p)s
ScriptAlias /.well-known/oauth-protected-resource %(p)s
<Directory %(d)s>
    SetHandler fcgid-script
    Options +ExecCGI
    CGIPassAuth On
    Require all granted
</Directory>
FcgidIPCDir "%(dir)s"
FcgidProcessTableFile "%(dir)s/shm"
FcgidInitialEnv MCP_CONFIG %(c)s
FcgidMaxRequestLen 8388608
FcgidOutputBufferSize 0
FcgidIOTimeout 120
FcgidMaxProcesses 6
""" % {"p": self.site.program("mcp.fcgi"), "d": self.site.bin, "c": self.site.conf, "dir": self.dir}


class ApacheProxy(Apache):
    name = "apache-proxy"
    modules = ("proxy", "proxy_fcgi")
    own_socket = True

    def body(self):
        return """<LocationMatch "^/(mcp|\\.well-known/oauth-protected-resource)(/|$)">
    SetHandler "proxy:unix:%s|fcgi://mcp-fcgi"
    CGIPassAuth On
</LocationMatch>
<Proxy "fcgi://mcp-fcgi" flushpackets=on timeout=120>
</Proxy>
""" % self.socket


class ApacheHtaccess(Apache):
    """Plain CGI with nothing but a .htaccess file, as on shared hosting."""

    name = "apache-htaccess"
    modules = ("cgid", "rewrite", "env", "authz_host")
    cgi = True

    def ready(self):
        """Programs are started by a process of its own, which begins to listen
        after the server does; its socket has the server's number at the end."""
        return super().ready() and any(takes(s) for s in glob.glob(os.path.join(self.dir, "cgisock*")))

    def body(self):
        www = os.path.join(self.dir, "www")
        shutil.copy(self.site.program("mcp.fcgi"), os.path.join(www, "mcp"))
        os.chmod(os.path.join(www, "mcp"), 0o755)
        self.write(
            """Options +ExecCGI
CGIPassAuth On
<Files "mcp">
    SetHandler cgi-script
    SetEnv MCP_CONFIG %s
</Files>
RewriteEngine On
RewriteRule ^\\.well-known/oauth-protected-resource(/.*)?$ mcp [END]
""" % self.site.conf,
            "www/.htaccess",
        )
        return """ScriptSock "%s/cgisock"
<Directory "%s">
    AllowOverride AuthConfig FileInfo Options=ExecCGI
    Require all granted
</Directory>
""" % (self.dir, www)


class Nginx(Server):
    name = "nginx"
    own_socket = True

    def configure(self):
        params = "/etc/nginx/fastcgi_params"
        user = "user %s;\n" % USER if os.getuid() == 0 else ""
        return self.write(
            """%sdaemon off;
worker_processes 1;
pid %s/pid;
error_log %s/error.log;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path %s/body;
    fastcgi_temp_path %s/fastcgi;
    proxy_temp_path %s/proxy;
    scgi_temp_path %s/scgi;
    uwsgi_temp_path %s/uwsgi;
%s
    server {
        listen 127.0.0.1:%d;
        root %s/www;
        location ~ ^/(mcp|\\.well-known/oauth-protected-resource)(/|$) {
            include %s;
            fastcgi_param MCP_CONFIG %s;
            fastcgi_param HTTP_PROXY "";
            fastcgi_pass unix:%s;
            fastcgi_read_timeout 120s;
            client_max_body_size 8m;
            gzip off;
%s
        }
    }
}
""" % ((user,) + (self.dir,) * 7 + (self.more, self.port, self.dir, params, self.site.conf, self.socket, self.inside + self.identity()))
        )

    def identity(self):
        return 'fastcgi_param HTTP_AUTHORIZATION "Bearer %s";' % self.token if self.token else ""

    def command(self, conf):
        return ["/usr/sbin/nginx", "-p", self.dir, "-c", conf, "-e", os.path.join(self.dir, "error.log")]


ALL = (Lighttpd, LighttpdCgi, ApacheFcgid, ApacheProxy, ApacheHtaccess, Nginx)
