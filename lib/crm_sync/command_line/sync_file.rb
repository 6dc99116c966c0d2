# frozen_string_literal: true

require "active_support/core_ext/class/subclasses"
require_relative "failure"
require_relative "usage_error"

module CrmSync
  module CommandLine
    # The Ruby file that configures the gem and declares the sync.
    class SyncFile
      # @param path [String]
      def initialize(path)
        @path = path
      end

      # @param name [String, nil] the name of the class, if there are several
      # @return [Class] the organization sync that the file defines
      # @raise [FileError] when the file does not exist, raises an error, or defines no sync
      # @raise [UsageError] when it is not clear which sync is meant
      def sync(name)
        syncs = defined_by { run }.sort_by(&:name)
        return choice(syncs, name) if syncs.any?

        raise FileError, "#{@path} defines no organization sync; it needs a class with a name: class PartnerSync < " \
                         "CrmSync::OrganizationSync. A contact sync runs in its Rails app, such as by: " \
                         "bin/rails runner 'puts TeacherSync.plan'"
      end

      private

      def defined_by
        before = OrganizationSync.descendants
        yield
        (OrganizationSync.descendants - before).select(&:name)
      end

      def choice(syncs, name)
        names = syncs.map(&:name).join(", ")
        return only(syncs, names) unless name

        syncs.find { |sync| sync.name == name } or
          raise UsageError, "#{@path} defines no sync #{name.inspect}; there are #{names}"
      end

      def only(syncs, names)
        return syncs.first if syncs.one?

        raise UsageError, "#{@path} defines several syncs; say which with --sync: #{names}"
      end

      def run
        raise FileError, "#{@path}: there is no such file" unless File.file?(@path)

        load(full_path)
      rescue CrmSync::Error # its message names the line
        raise
      rescue StandardError, ScriptError => e
        raise FileError, "#{place(e)}: #{Failure.message(e)}"
      end

      # Returns the line of the file at which the error was raised. The message of a syntax error contains its line
      # itself.
      def place(error)
        line = error.backtrace_locations.to_a.find { |location| location.absolute_path == File.realpath(@path) }
        line ? "#{@path}:#{line.lineno}" : @path
      end

      def full_path
        File.expand_path(@path)
      end
    end
    private_constant :SyncFile
  end
end
