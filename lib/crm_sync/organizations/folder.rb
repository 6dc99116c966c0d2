# frozen_string_literal: true

require "json"
require_relative "../private_folder"
require_relative "../utf8"

module CrmSync
  module Organizations
    # The folder of JSON files through which the stages run one by one, as separate processes.
    # @api private
    class Folder
      # The accounts, as they were gathered.
      ACCOUNTS = "salesforce_accounts.json"
      # The organizations of the instance that is written.
      ORGANIZATIONS = "zendesk_orgs.json"
      # When and from where the accounts were gathered, and how many.
      GATHERED_ACCOUNTS = "gathered_accounts.json"
      # The same for the organizations, and their fields.
      GATHERED_ORGANIZATIONS = "gathered_organizations.json"
      # The lists of changes.
      LISTS = %w[creates.json updates.json not_in_sync.json].freeze
      # What the lists rest on.
      PLAN = "plan.json"
      # What became of them.
      RUN = "run.json"

      # @return [String]
      attr_reader :path

      # @param path [String, Pathname]
      def initialize(path)
        @path = Utf8.text(File.expand_path(path.to_s))
        @files = PrivateFolder.new(@path)
        @files.make
        [ACCOUNTS, ORGANIZATIONS, *LISTS].each { |name| @files.sweep(File.basename(name, ".json")) }
      rescue SystemCallError => e
        raise FileError, "#{@path}: it cannot be made: #{e.message}"
      end

      # @param instance [Symbol, nil] one that is only read
      # @return [String] where organizations go
      def organizations(instance = nil)
        @files.path(instance ? "zendesk_orgs_#{instance}.json" : ORGANIZATIONS)
      end

      # @return [String] where accounts go
      def accounts
        @files.path(ACCOUNTS)
      end

      # Keeps a Hash in a file.
      # @raise [CrmSync::FileError]
      def write(name, hash)
        @files.write(name, "#{JSON.pretty_generate(hash)}\n")
      rescue SystemCallError => e
        raise FileError, "#{@files.path(name)}: it cannot be written: #{e.message}"
      end

      # Deletes a file, where it is there.
      def delete(name)
        @files.delete(name)
      end

      # @return [Hash, Array] what a file holds
      # @raise [CrmSync::FileError] when it is not there, or no JSON; the message says what to do
      def read(name, stage)
        JSON.parse(@files.open(name, &:read))
      rescue Errno::ENOENT
        raise FileError, "#{@files.path(name)}: it is not there; run #{stage} first"
      rescue SystemCallError => e
        raise FileError, "#{@files.path(name)}: it cannot be opened: #{e.message}"
      rescue JSON::ParserError
        raise FileError, "#{@files.path(name)}: it is not whole, or no JSON; run #{stage} again", cause: nil
      end

      # @return [Hash] what is known of the accounts that were gathered
      def gathered_accounts
        read(GATHERED_ACCOUNTS, "gather_accounts")
      end

      # @return [Hash] what is known of the organizations that were gathered
      def gathered_organizations
        read(GATHERED_ORGANIZATIONS, "gather_organizations")
      end

      # @return [Array<Hash{String => Object}>] the organization fields of the instance
      def definitions
        gathered_organizations.fetch("organization_fields")
      end

      # @return [Array<Hash{String => Object}>] all entries of the lists, in the order of their keys
      def changes
        LISTS.flat_map { |name| read(name, "compare") }.sort_by { |entry| entry.fetch("key") }
      end
    end
  end
end
