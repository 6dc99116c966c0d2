# frozen_string_literal: true

require "digest"
require "securerandom"

module CrmSync
  module Contacts
    # The rows of the last read, in private files, and the watermark that belongs to them.
    #
    # One row of the state names them all, each file by its name and digest: what belongs together changes in one step,
    # and a run that is killed before it leaves the old ones valid. They belong to one org and to one
    # database, or one schema of it: tenants can share the folder.
    class Snapshots
      # The last read that was kept: its watermark, when everything was read last, and for each source a Hash of
      # +file+, +digest+ and +query+.
      Last = Struct.new(:watermark, :full, :sources)

      # @param declaration [CrmSync::Contacts::Declaration]
      # @param host [String] of the org
      def initialize(declaration, host)
        sync_name = declaration.name
        @state = State.of(declaration)
        @key = "last read of #{host}"
        place = State.place(declaration.home)
        digest = Digest::SHA256.hexdigest([sync_name, host, place].join("\0"))
        @prefix = "#{sync_name.parameterize}-#{digest.first(16)}-"
        @folder = PrivateFolder.state
      end

      # @return [Last, nil]
      def last
        value = @state.read(@key)
        Last.new(*value.values_at("watermark", "full", "sources")) if value.any?
      end

      # @param kept [Hash, nil] what {Last#sources} has of a source
      # @return [CrmSync::Native::KeptSnapshot, nil] nothing where the file is not, byte for byte, what was kept
      def open(kept)
        Native::KeptSnapshot.open(@folder.path(kept["file"]), kept["digest"]) if kept
      end

      # @return [String] a name for a file in the folder, which is there afterwards
      # @raise [SystemCallError]
      def fresh_name(source)
        @folder.make
        "#{@prefix}#{source}-#{Process.pid}-#{SecureRandom.hex(8)}.jsonl.gz"
      end

      # @return [String]
      def path(name)
        @folder.path(name)
      end

      # Puts a read in the place of the last one.
      # @param read [Last]
      def keep(read)
        before = last
        @state.write(@key, read.to_h.transform_keys(&:to_s))
        (files(before) - files(read)).each { |name| @folder.delete(name) }
      end

      # Deletes the files of reads that were killed before they were kept.
      # @return [void]
      def tidy
        @folder.sweep(@prefix, except: files(last))
      end

      private

      def files(read)
        read ? read.sources.values.map { |source| source["file"] } : []
      end
    end
    private_constant :Snapshots
  end
end
