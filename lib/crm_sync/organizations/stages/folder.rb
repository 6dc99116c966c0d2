# frozen_string_literal: true

require "json"
require_relative "../../plan/signature"
require_relative "../../store/private_folder"
require_relative "../../store/utf8"

module CrmSync
  module Internal
    # The folder of JSON files through which the stages run one by one, as separate processes.
    class StagesFolder
      # The accounts, as they were gathered.
      ACCOUNTS = "salesforce_accounts.json"
      # The organizations of the instance that is written.
      ORGANIZATIONS = "zendesk_orgs.json"
      # The time and place from which the accounts were gathered, and their number.
      GATHERED_ACCOUNTS = "gathered_accounts.json"
      # The same for the organizations, and their fields.
      GATHERED_ORGANIZATIONS = "gathered_organizations.json"
      # The lists of changes.
      LISTS = %w[creates.json updates.json not_in_sync.json].freeze
      # The facts that the lists are based on.
      PLAN = "plan.json"
      # The results of a run.
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

      # @param instance [Symbol, nil] an instance that is only read
      # @return [String] the path of the organizations
      def organizations(instance = nil)
        @files.path(instance ? "zendesk_orgs_#{instance}.json" : ORGANIZATIONS)
      end

      # @return [String] the path of the accounts
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

      # Deletes a file if it exists.
      def delete(name)
        @files.delete(name)
      end

      # @return [Hash, Array] the contents of a file
      # @raise [CrmSync::FileError] when it does not exist, or is not JSON; the message says what to do
      def read(name, stage)
        JSON.parse(@files.open(name, &:read))
      rescue Errno::ENOENT
        raise FileError.new("#{@files.path(name)}: it is not there", stage:, again: false)
      rescue SystemCallError => e
        raise FileError, "#{@files.path(name)}: it cannot be opened: #{e.message}"
      rescue JSON::ParserError
        raise FileError.new("#{@files.path(name)}: it is not whole, or no JSON", stage:), cause: nil
      end

      # Stores facts about gathered records, and signs them. They include +sha256+, the digest of the records, by which
      # the stage +compare+ notices that somebody else has changed the files between the stages.
      # @raise [CrmSync::FileError]
      def write_gathered(name, facts)
        write(name, facts.merge("seal" => Signature.of(JSON.generate(facts))))
      end

      # @return [Hash] the facts about the accounts that were gathered
      # @raise [CrmSync::FileError] also when the facts have been changed
      def gathered_accounts
        sealed(GATHERED_ACCOUNTS, :gather_accounts)
      end

      # @return [Hash] the facts about the organizations that were gathered, and the organization fields of the instance
      # @raise (see #gathered_accounts)
      def gathered_organizations
        sealed(GATHERED_ORGANIZATIONS, :gather_organizations)
      end

      # @return [Array<Hash{String => Object}>] all entries of the lists, in the order of their keys
      # @raise [CrmSync::FileError] also when a file is no list of changes
      def changes
        LISTS.flat_map { |name| list(name) }.sort_by { |entry| entry.fetch("key") }
      end

      private

      def list(name)
        entries = read(name, :compare)
        right = entries.is_a?(Array) && entries.all? { |entry| entry.is_a?(Hash) && entry["key"].is_a?(String) }
        right ? entries : changed(name, "it is no list of changes", :compare)
      end

      # Reads facts that are as they were written.
      def sealed(name, stage)
        kept = read(name, stage)
        changed(name, "it is not sealed", stage) unless kept.is_a?(Hash) && kept["seal"].is_a?(Hash)
        facts = kept.except("seal")
        problem = Signature.problem(JSON.generate(facts), kept["seal"])
        changed(name, problem, stage) if problem
        facts
      end

      def changed(name, problem, stage)
        raise FileError.new("#{@files.path(name)}: #{problem}", stage:)
      end
    end
  end
end
