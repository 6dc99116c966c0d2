# frozen_string_literal: true

require "digest"
require "json"
require_relative "../../plan/signature"
require_relative "../../store/private_folder"
require_relative "../../store/utf8"

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
      # So many bytes of a file are read at once.
      PART = 1 << 20
      private_constant :PART

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

      # Keeps what is known of records that were gathered, with a digest of them: between the stages somebody else may
      # be at the files.
      # @param records [String] the file with the records
      # @raise [CrmSync::FileError]
      def write_gathered(name, records, hash)
        gathered = { **hash, "sha256" => digest(records) }
        write(name, gathered.merge("seal" => Signature.of(JSON.generate(gathered))))
      end

      # @return [Hash] what is known of the accounts that were gathered
      # @raise [CrmSync::FileError] also when it, or the accounts, are not as they were written
      def gathered_accounts
        gathered(GATHERED_ACCOUNTS, ACCOUNTS, "gather_accounts")
      end

      # @return [Hash] what is known of the organizations that were gathered
      # @raise (see #gathered_accounts)
      def gathered_organizations
        gathered(GATHERED_ORGANIZATIONS, ORGANIZATIONS, "gather_organizations")
      end

      # @return [Array<Hash{String => Object}>] the organization fields of the instance
      def definitions
        gathered_organizations.fetch("organization_fields")
      end

      # @return [Array<Hash{String => Object}>] all entries of the lists, in the order of their keys
      def changes
        LISTS.flat_map { |name| read(name, "compare") }.sort_by { |entry| entry.fetch("key") }
      end

      private

      def gathered(name, records, stage)
        kept = read(name, stage)
        changed(name, "it is not sealed", stage) unless kept.is_a?(Hash) && kept["seal"].is_a?(Hash)
        gathered = kept.except("seal")
        problem = Signature.problem(JSON.generate(gathered), kept["seal"])
        changed(name, problem, stage) if problem
        changed(records, "it is not as it was gathered", stage) unless digest(records) == gathered["sha256"]
        gathered
      end

      def changed(name, problem, stage)
        raise FileError, "#{@files.path(name)}: #{problem}; run #{stage} again"
      end

      # What it is made of at once is little, whatever its size.
      def digest(name)
        @files.open(name) do |file|
          raise FileError, "#{@files.path(name)}: it is not a file" unless file.stat.file?

          file.binmode
          digest = Digest::SHA256.new
          while (part = file.read(PART))
            digest << part
          end
          digest.hexdigest
        end
      rescue SystemCallError => e
        raise FileError, "#{@files.path(name)}: it cannot be opened: #{e.message}"
      end
    end
  end
end
