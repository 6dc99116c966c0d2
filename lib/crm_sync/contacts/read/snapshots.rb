# frozen_string_literal: true

require "digest"
require "securerandom"
require_relative "../../store/file_name"

module CrmSync
  module Contacts
    # Keeps the rows of the last read in private files, together with the watermark of that read.
    #
    # One row of the state names all files, each by its name and digest: files that belong together change in one step,
    # and a run that is killed before that leaves the old files valid. They belong to one org, and to one database or
    # one schema of it, because tenants can share the folder.
    class Snapshots
      # The last read that was kept: its watermark, the time of the last full read, and for each source a Hash of
      # +file+, +digest+ and +query+.
      Last = Struct.new(:watermark, :full, :sources)

      # @param declaration [CrmSync::Contacts::Declaration]
      # @param host [String] the host of the org
      def initialize(declaration, host)
        sync_name = declaration.kept_as
        @state = State.of(declaration)
        @key = "last read of #{host}"
        place = State.place(declaration.home)
        digest = Digest::SHA256.hexdigest([sync_name, host, place].join("\0"))
        @prefix = "#{FileName.of(sync_name)}-#{digest.first(16)}-"
        @folder = PrivateFolder.state
      end

      # @return [Last, nil] nil also if the stored value has another form, such as one that another version has written
      def last
        value = @state.read(@key)
        read = Last.new(*value.values_at("watermark", "full", "sources")) if value.is_a?(Hash)
        read if read && usable?(read)
      end

      # @param kept [Hash, nil] the entry of a source in {Last#sources}
      # @return [CrmSync::Native::KeptSnapshot, nil] nil if the file is not, byte for byte, the one that was kept
      def open(kept)
        Native::KeptSnapshot.open(@folder.path(kept["file"]), kept["digest"]) if kept
      end

      # @return [String] the name of a new file in the folder; the folder exists afterwards
      # @raise [SystemCallError]
      def fresh_name(source)
        @folder.make
        "#{@prefix}#{source}-#{Process.pid}-#{SecureRandom.hex(8)}.jsonl.gz"
      end

      # @return [String]
      def path(name)
        @folder.path(name)
      end

      # Replaces the last read, and deletes its files.
      # @param read [Last]
      def keep(read)
        before = last
        @state.write(@key, read.to_h.transform_keys(&:to_s))
        (files(before) - files(read)).each { |name| @folder.delete(name) }
      end

      # Deletes the files of runs that were killed before they kept their read.
      # @return [void]
      def tidy
        @folder.sweep(@prefix, except: files(last))
      end

      private

      def usable?(read)
        [read.watermark, read.full].all?(Integer) && read.sources.is_a?(Hash) &&
          read.sources.values.all? { |kept| kept.is_a?(Hash) && names_file?(kept) }
      end

      # Returns whether an entry has all its parts, and names a file of this sync. Files of others are neither read nor
      # deleted.
      def names_file?(kept)
        kept.values_at("file", "digest", "query").all?(String) &&
          kept["file"].start_with?(@prefix) && File.basename(kept["file"]) == kept["file"]
      end

      def files(read)
        read ? read.sources.values.map { |source| source["file"] } : []
      end
    end
    private_constant :Snapshots
  end
end
