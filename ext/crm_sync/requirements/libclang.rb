# frozen_string_literal: true

require "rbconfig"
require_relative "tools"

module Requirements
  # Finds libclang the way the build does, and parses a line of C with it.
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
    # The lowest severity at which a diagnostic of libclang is an error.
    ERROR = 3

    class << self
      # @return [String, nil]
      def problem
        library = find or return not_found
        parses?(library) ? nil : "#{library} does not find its own headers, such as stddef.h"
      rescue LoadError
        nil # a Ruby without fiddle cannot try it
      rescue Fiddle::DLError => e
        "#{library} is no libclang that can be used: #{e.message}"
      end

      # @return [String, nil] the library that clang-sys would take
      def find
        found = folders.flat_map { |folder| libraries(folder) }
        found.each_with_index.max_by { |path, place| [version(path), -place] }&.first
      end

      private

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

      def parses?(library)
        require "fiddle"
        clang = Fiddle.dlopen(library)
        index = call(clang, "clang_createIndex", Fiddle::TYPE_VOIDP, 0, 0)
        unit = parse(clang, index) or return false
        count = call(clang, "clang_getNumDiagnostics", Fiddle::TYPE_INT, unit)
        count.times.none? do |number|
          diagnostic = call(clang, "clang_getDiagnostic", Fiddle::TYPE_VOIDP, unit, number)
          call(clang, "clang_getDiagnosticSeverity", Fiddle::TYPE_INT, diagnostic) >= ERROR
        end
      end

      def parse(clang, index)
        Dir.mktmpdir do |folder|
          file = File.join(folder, "try.c")
          File.write(file, "#include <stddef.h>\nsize_t size;\n")
          words = arguments.map { |word| Fiddle::Pointer[word] }
          list = Fiddle::Pointer[words.map(&:to_i).pack("J*")]
          unit = call(clang, "clang_parseTranslationUnit", Fiddle::TYPE_VOIDP, index, Fiddle::Pointer[file], list,
                      words.size, nil, 0, 0)
          unit unless unit.null?
        end
      end

      # Returns the option that names the folder of clang's own headers, which bindgen passes too where there is a
      # clang.
      def arguments
        folder = Tools.run(ENV.fetch("CLANG_PATH", "clang"), "-print-resource-dir").chomp
        folder.empty? ? [] : ["-isystem", File.join(folder, "include")]
      end

      def call(clang, name, result, *arguments)
        types = arguments.map { |argument| argument.is_a?(Integer) ? Fiddle::TYPE_INT : Fiddle::TYPE_VOIDP }
        Fiddle::Function.new(clang[name], types, result).call(*arguments)
      end
    end
  end
end
