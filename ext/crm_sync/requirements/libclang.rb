# frozen_string_literal: true

require "open3"
require "rbconfig"
require_relative "tools"

module Requirements
  # Finds libclang the way the build does, and has it tried.
  #
  # The build uses bindgen, which uses the crate clang-sys 1.x. That crate searches certain folders for files with
  # certain names, and takes the one with the highest version. `libclang-cpp.so.14` matches such a name, but is another
  # library; clang-sys skips it too.
  module Libclang
    HOST = RbConfig::CONFIG["host_os"]
    NAMES = case HOST
            when /darwin/ then %w[libclang.dylib]
            when /linux/ then %w[libclang.so libclang-*.so libclang.so.* libclang-*.so.*]
            else %w[libclang.so libclang.so.*]
            end.freeze
    FOLDERS = if HOST.include?("darwin")
                %w[/usr/local/opt/llvm*/lib/llvm*/lib /Library/Developer/CommandLineTools/usr/lib
                   /Applications/Xcode.app/Contents/Developer/Toolchains/XcodeDefault.xctoolchain/usr/lib
                   /usr/local/opt/llvm*/lib]
              else
                %w[/usr/local/llvm*/lib* /usr/local/lib*/*/* /usr/local/lib*/* /usr/local/lib* /usr/lib*/*/* /usr/lib*/*
                   /usr/lib*]
              end.freeze
    # The first bytes of an ELF file with the word size of this machine.
    ELF = "\x7FELF#{[0].pack("J").bytesize == 8 ? "\x02" : "\x01"}".b.freeze
    TRIAL = File.expand_path("libclang_trial.rb", __dir__)

    class << self
      # @return [String, nil]
      def problem
        library = find or return not_found
        reason, errors, status = Open3.capture3(outside_of_bundles, RbConfig.ruby, TRIAL, library)
        reason = "is no libclang that can be used: #{errors.scrub.lines(chomp: true).first}" unless status.success?
        "#{library} #{reason}" unless reason.empty?
      end

      # @return [String, nil] the library that clang-sys would take
      def find
        found = folders.flat_map { |folder| libraries(folder) }
        found.each_with_index.max_by { |path, place| [version(path), -place] }&.first
      end

      private

      # Returns what to change in the environment of a process that is to find the gems of Ruby itself. RubyGems sets
      # some of these variables too, when it builds a gem for another folder than Ruby's.
      def outside_of_bundles
        ENV.keys.grep(/\A(?:BUNDLE|BUNDLER|GEM)_|\ARUBY(?:OPT|LIB)\z/).to_h { |name| [name, nil] }
      end

      def not_found
        path = ENV.fetch("LIBCLANG_PATH", nil)
        path ? "there is none in LIBCLANG_PATH=#{path}" : "not found"
      end

      # Returns the folders to search. LIBCLANG_PATH replaces all of them; it may also name the library file itself.
      def folders
        path = ENV.fetch("LIBCLANG_PATH", nil)
        return [path] if path

        [*llvm_config, *from_environment, *xcode, *FOLDERS.flat_map { |folder| Dir.glob(folder) }]
      end

      def libraries(folder)
        return [folder] if library?(folder)

        Dir.glob(NAMES, base: folder).uniq.map { |name| File.join(folder, name) }.select { |path| library?(path) }
      end

      def llvm_config
        prefix = Tools.run(ENV.fetch("LLVM_CONFIG_PATH", "llvm-config"), "--prefix").lines(chomp: true).first
        %w[bin lib lib64].map { |folder| File.join(prefix, folder) } if prefix
      end

      def from_environment
        %w[LD_LIBRARY_PATH LIBRARY_PATH].flat_map { |name| ENV.fetch(name, "").split(File::PATH_SEPARATOR) }
      end

      def xcode
        return unless HOST.include?("darwin")

        [File.join(Tools.run("xcode-select", "--print-path").chomp, "Toolchains/XcodeDefault.xctoolchain/usr/lib")]
      end

      # Returns whether the path is a libclang. On Linux, files of another format or word size are not.
      def library?(path)
        name = File.basename(path)
        return false unless NAMES.any? { |pattern| File.fnmatch(pattern, name) } && !name.include?("-cpp.")

        File.file?(path) && (!HOST.include?("linux") || File.binread(path, 5) == ELF)
      end

      def version(path)
        name = File.basename(path)
        text = name.delete_prefix("libclang.so.")
        text = name[9..-4] if text == name && name.start_with?("libclang-")
        text == name ? [] : text.split(".").map(&:to_i)
      end
    end
  end
end
