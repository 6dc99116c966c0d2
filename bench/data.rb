# frozen_string_literal: true

require "digest"
require "pg"
require_relative "../spec/support/postgres"

module Bench
  # A database with users and addresses, and copies of it. User n has the address person<n>@example.edu; the first
  # tenths of the users are those of the contacts. A user's UUID is a digest of the number; Salesforce has it in upper
  # case.
  class Data
    LINKED_SHARE = 0.9

    # The id of contact n.
    def self.contact_id(number)
      with_suffix(format("0034C%010d", number))
    end

    # The UUID of user n, as Salesforce has it.
    def self.uuid(number)
      Digest::MD5.hexdigest("user #{number}").upcase.unpack("a8a4a4a4a12").join("-")
    end

    # The 18-character form of an id.
    def self.with_suffix(base)
      "#{base}#{base.scan(/.{5}/).map { |chunk| suffix(chunk) }.join}"
    end

    def self.suffix(chunk)
      bits = chunk.chars.each_with_index.sum { |char, place| char.match?(/[A-Z]/) ? 1 << place : 0 }
      (("A".."Z").to_a + ("0".."5").to_a)[bits]
    end
    private_class_method :suffix

    def initialize(contacts, users, linked: true)
      @url = Postgres.create_database
      load_schema
      Data.connect(@url) { |connection| fill(connection, contacts, users, linked) }
    end

    # The URL of the database that copies are made of.
    attr_reader :url

    # Yields the URL of a fresh copy, which is gone afterwards.
    def with_copy
      copy = Postgres.create_database
      administer do |connection|
        connection.exec("DROP DATABASE #{name(copy)}")
        connection.exec("CREATE DATABASE #{name(copy)} TEMPLATE #{name(@url)}")
      end
      yield copy
    ensure
      administer { |connection| connection.exec("DROP DATABASE #{name(copy)}") } if copy
    end

    # Deletes the database.
    def drop
      administer { |connection| connection.exec("DROP DATABASE #{name(@url)}") }
    end

    # Yields a connection to the database with a URL.
    def self.connect(url, &block)
      options = url.scan(/(\w+)=([^&]*)/).to_h
      connection = PG.connect(host: options["host"], port: 5432, user: "crm", dbname: url[/\Apostgresql:(\w+)/, 1])
      block.call(connection)
    ensure
      connection&.close
    end

    private

    def load_schema
      system({ "DATABASE_URL" => @url }, RbConfig.ruby, File.join(__dir__, "child.rb"), "schema", out: File::NULL,
                                                                                                  exception: true)
    end

    def fill(connection, contacts, users, linked)
      connection.exec(users_sql(users))
      connection.exec(addresses_sql(users))
      connection.exec(advised_indexes)
      count = linked ? (contacts * LINKED_SHARE).to_i : 0
      ids = (1..count).map { |number| "(#{number},'#{Data.contact_id(number)}')" }
      connection.exec(link_sql(ids)) if ids.any?
      connection.exec("UPDATE users SET state = 'activated' WHERE id <= #{contacts}")
      connection.exec("VACUUM ANALYZE")
    end

    def users_sql(users)
      <<~SQL
        INSERT INTO users (uuid, support_identifier, state, is_newflow, first_name, last_name, created_at, updated_at)
        SELECT md5('user ' || n)::uuid, 'cs_' || n, CASE WHEN n % 10 = 9 THEN 'unverified' ELSE 'activated' END, n % 2 = 0,
               'Ann', 'Lee', now(), now()
        FROM generate_series(1, #{users}) n
      SQL
    end

    def addresses_sql(users)
      <<~SQL
        INSERT INTO contact_infos (type, value, verified, user_id, created_at, updated_at)
        SELECT 'EmailAddress', 'Person' || n || '@example.edu', true, n, now(), now() FROM generate_series(1, #{users}) n
        UNION ALL
        SELECT 'EmailAddress', 'second' || n || '@example.edu', n % 3 = 0, n, now(), now()
        FROM generate_series(10, #{users}, 10) n
      SQL
    end

    # The indexes that docs/performance.md tells an app to create.
    def advised_indexes
      File.read(File.expand_path("../docs/performance.md", __dir__)).scan(/CREATE INDEX .*?;/m).join("\n")
    end

    def link_sql(ids)
      <<~SQL
        UPDATE users SET salesforce_contact_id = link.id, faculty_status = 2, school_type = 2, school_location = 1,
                         is_kip = false, using_openstax = true, grant_tutor_access = false
        FROM (VALUES #{ids.join(",")}) AS link (n, id) WHERE users.id = link.n
      SQL
    end

    def name(url)
      url[/\Apostgresql:(\w+)/, 1]
    end

    def administer(&)
      Data.connect(@url.sub(/\Apostgresql:\w+/, "postgresql:postgres"), &)
    end
  end
end
