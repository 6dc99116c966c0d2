# frozen_string_literal: true

require_relative "world"

module Bench
  module OpenstaxDay
    # The tables of the app, and the rows in them when the day begins.
    class Tables
      # Every so many of the Accounts are not in the app yet.
      UNKNOWN_SCHOOL = 50

      SCHEMA = <<~SQL
        CREATE TABLE schools (id bigserial PRIMARY KEY, salesforce_id varchar NOT NULL UNIQUE);
        CREATE TABLE users (
          id bigserial PRIMARY KEY, uuid uuid NOT NULL, salesforce_contact_id varchar,
          faculty_status integer NOT NULL DEFAULT 0, school_type integer NOT NULL DEFAULT 0,
          school_location integer NOT NULL DEFAULT 0, using_openstax boolean DEFAULT false, is_kip boolean,
          adopter_status varchar, school_id bigint, is_deleted boolean
        );
        CREATE TABLE security_logs (
          id bigserial PRIMARY KEY, user_id bigint, event_type integer NOT NULL, event_data text
        );
      SQL

      INDEXES = <<~SQL
        CREATE UNIQUE INDEX ON users (uuid);
        CREATE INDEX ON users (salesforce_contact_id);
        SELECT setval('users_id_seq', (SELECT max(id) FROM users));
      SQL

      # @param world [World]
      def initialize(world)
        @world = world
      end

      # Makes all of it.
      # @param connection [PG::Connection]
      def make(connection)
        [SCHEMA, schools, linked, unlinked, INDEXES, "VACUUM ANALYZE"].each { |sql| connection.exec(sql) }
      end

      private

      def schools
        <<~SQL
          INSERT INTO schools (id, salesforce_id)
          SELECT n + 1, '0014C' || lpad(n::text, 10, '0') || 'QAA'
          FROM generate_series(0, #{@world.accounts - 1}) n WHERE n % #{UNKNOWN_SCHOOL} > 0
        SQL
      end

      def linked
        <<~SQL
          INSERT INTO users (id, uuid, salesforce_contact_id, faculty_status, school_type, school_location, using_openstax,
                             is_kip, adopter_status, school_id)
          SELECT n, md5('user ' || n)::uuid, '0034C' || lpad(n::text, 10, '0') || 'QAA', n % #{World::STATUSES.size},
                 #{nth(World::SCHOOL_TYPES.values)}, CASE WHEN account IS NULL THEN 0 ELSE #{nth(World::LOCATIONS.values, "account")} END,
                 #{nth(World::ADOPTIONS.values)}, account % 2 = 0 OR account % 3 = 0, #{nth(World::ADOPTIONS.keys)},
                 CASE WHEN account % #{UNKNOWN_SCHOOL} > 0 THEN account + 1 END
          FROM (SELECT n, CASE WHEN n % 10 > 0 THEN n % #{@world.accounts} END AS account
                FROM generate_series(1, #{@world.contacts}) n) numbers
        SQL
      end

      def unlinked
        <<~SQL
          INSERT INTO users (id, uuid, is_deleted)
          SELECT n, md5('user ' || n)::uuid, CASE WHEN n % 20 = 0 THEN true WHEN n % 2 = 0 THEN false END
          FROM generate_series(#{@world.contacts + 1}, #{@world.users}) n
        SQL
      end

      def nth(values, number = "n")
        list = values.map { |value| value.is_a?(String) ? "'#{value}'" : value }
        "(ARRAY[#{list.join(", ")}])[#{number} % #{values.size} + 1]"
      end
    end
  end
end
