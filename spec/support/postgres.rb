# frozen_string_literal: true

require "etc"
require "fileutils"
require "pg"
require "tmpdir"

# A PostgreSQL server of this process alone: started on first need, on a socket in a temporary folder.
#
# A shell keeps it and ends it when the pipe between us closes, however that came about: a killed suite leaves no server
# behind either.
module Postgres
  KEEPER = <<~'SH'
    complain() { cat "$FOLDER/log"; exit 1; }
    trap 'rm -rf "$FOLDER"' EXIT
    "$BIN/initdb" -D "$FOLDER/data" -U crm -A trust -E UTF8 --no-locale --no-sync >"$FOLDER/log" 2>&1 || complain
    "$BIN/postgres" -D "$FOLDER/data" -k "$FOLDER" -p 5432 -c listen_addresses= $SETTINGS \
      </dev/null >>"$FOLDER/log" 2>&1 &
    server=$!
    trap '"$BIN/pg_ctl" -D "$FOLDER/data" -m immediate stop >/dev/null 2>&1; wait; rm -rf "$FOLDER"' EXIT
    tries=0
    until grep -qs "^ready" "$FOLDER/data/postmaster.pid"; do # which is what pg_ctl looks for, too
      kill -0 "$server" 2>/dev/null && [ $((tries += 1)) -lt 600 ] || complain
      sleep 0.05
    done
    echo ready
    cat >/dev/null
  SH
  # For data that nobody misses after a crash: commits do not wait for the disk.
  FAST = "-c fsync=off -c full_page_writes=off"

  class << self
    # Whether commits wait for the disk, as in production. It must be set before the first database is created.
    attr_writer :durable

    # The address of a new, empty database.
    def create_database(encoding: "UTF8")
      start unless running?
      name = "crm_#{@databases += 1}"
      PG.connect(host: @folder, port: 5432, user: "crm", dbname: "postgres") do |connection|
        connection.exec("CREATE DATABASE #{name} ENCODING '#{encoding}' TEMPLATE template0")
      end
      # Written like this because Rails 6.1 takes a socket's folder in no other kind of URL.
      "postgresql:#{name}?host=#{@folder}&port=5432&username=crm"
    end

    def stop
      @keeper.close if running? # and wait until everything is gone
      @keeper = nil
    end

    private

    # Ours only in the process that started it: a forked child has a copy of this object.
    def running?
      @keeper && @owner == Process.pid
    end

    def start
      @databases = 0
      @owner = Process.pid
      @folder = Dir.mktmpdir("crm_sync-pg-")
      @keeper = IO.popen([environment, *unprivileged, "sh", "-c", KEEPER, { chdir: "/", pgroup: true }], "r+")
      said = @keeper.gets
      raise "PostgreSQL does not start: #{said}#{@keeper.read}" unless said == "ready\n"
    end

    # PostgreSQL refuses to be run by root.
    def unprivileged
      return [] unless Process.uid.zero?

      nobody = Etc.getpwnam("nobody")
      FileUtils.chown(nobody.uid, nobody.gid, @folder)
      ["setpriv", "--reuid=#{nobody.uid}", "--regid=#{nobody.gid}", "--clear-groups"]
    end

    # Settings of the developer's own server must not reach ours.
    def environment
      foreign = ENV.keys.grep(/\APG/).to_h { |name| [name, nil] }
      { **foreign, "BIN" => programs, "FOLDER" => @folder, "SETTINGS" => @durable ? "" : FAST }
    end

    # Debian keeps the server's programs out of the PATH. The others lie beside the end of a link in the PATH that leads
    # to one.
    def programs
      folders = ENV.fetch("PATH").split(":") + Dir["/usr/lib/postgresql/*/bin"].sort_by { |path| -path[/\d+/].to_i }
      initdb = folders.map { |folder| File.join(folder, "initdb") }.find { |path| File.executable?(path) }
      File.dirname(File.realpath(initdb || raise("PostgreSQL's programs (initdb, pg_ctl) are not installed")))
    end
  end

  at_exit { stop }
end
