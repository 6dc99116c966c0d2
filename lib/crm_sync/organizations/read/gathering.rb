# frozen_string_literal: true

require_relative "../../notices/refused_query"
require_relative "../write/running_jobs"

module CrmSync
  module Organizations
    # Reads accounts and organizations, side by side, into memory or into files.
    class Gathering
      NOTHING = { salesforce: nil, zendesk: nil, soql: "", fields: [], rules: nil, accounts_file: nil,
                  organizations_file: nil }.freeze
      private_constant :NOTHING

      # @param declaration [CrmSync::Organizations::Declaration]
      # @param log [CrmSync::Log]
      def initialize(declaration, log)
        @declaration = declaration
        @log = log
      end

      # @param rules [Hash] for the native side
      # @return [CrmSync::Native::OrganizationTables] both sides
      # @raise [CrmSync::RemoteError] when one of them could not be read completely
      def tables(rules)
        gather(accounts, organizations(@declaration.instance.name), rules:, &:tables)
      end

      # Sends the query for accounts, limited to one row.
      # @return [void]
      # @raise [CrmSync::MappingError] when Salesforce refuses it because of the declaration; the message names the line
      # @raise [CrmSync::RemoteError] when it fails for another reason
      def try_accounts
        Salesforce.client(@declaration.org).query("#{accounts[:soql]} LIMIT 1", by: :serial).first
      rescue RemoteError => e
        raise explained(e)
      end

      # @param path [String]
      # @return [Array(Integer, String)] the number of accounts written to the file, and its SHA-256 digest
      # @raise [CrmSync::RemoteError, CrmSync::FileError]
      def accounts_into(path)
        gather(accounts, accounts_file: path) { |gathering| gathering.files.first }
      end

      # @param instance [Symbol]
      # @param path [String]
      # @return [Array(Integer, String)] the number of organizations written to the file, and its SHA-256 digest
      # @raise (see #accounts_into)
      def organizations_into(instance, path)
        gather(organizations(instance), organizations_file: path) { |gathering| gathering.files.last }
      end

      # @return [Array<Array(String, String)>] the fields of accounts, each with the line that names it
      def paths
        accounts = @declaration.accounts
        own = [accounts.key, *accounts.also].map { |path| [path, accounts.line] }
        @declaration.attributes.flat_map { |attribute| attribute.paths.map { |path| [path, attribute.line] } } + own
      end

      private

      def accounts
        settings = Salesforce.settings(@declaration.org)
        where = @declaration.accounts.condition.presence&.strip
        fields = @declaration.account_fields
        soql = "SELECT #{with_id(fields).join(", ")} FROM #{@declaration.accounts.object}"
        { salesforce: settings.native, sessions: settings.sessions, fields:,
          soql: where ? "#{soql} WHERE #{where}" : soql }
      end

      # Adds the id, which the reader needs to go on when Salesforce has forgotten a cursor, and to read in ranges; the
      # rows that the declaration sees are the same without it.
      def with_id(fields)
        fields.any? { |field| field.casecmp?("Id") } ? fields : [*fields, "Id"]
      end

      def organizations(instance)
        RunningJobs.new(@declaration.name, instance).wait
        { zendesk: Zendesk.settings(instance).native }
      end

      def gather(*sides, **places)
        sides = sides.reduce(:merge)
        host = Host.new(@log, sides.delete(:sessions))
        gathering = Native::Gathering.start({ **NOTHING, **sides, **places }, host)
        while (counts = gathering.next(host))
          Progress.report(@declaration.name, :organizations, *counts)
        end
        yield gathering
      rescue RemoteError => e
        raise explained(e)
      ensure
        gathering&.stop(sides[:salesforce], host)
      end

      # Returns an error that names the line of the declaration, if the query was refused because of it.
      def explained(error)
        RefusedQuery.new(error).mistake([@declaration.accounts], paths) || error
      end
    end
    private_constant :Gathering
  end
end
