# frozen_string_literal: true

require_relative "tools"

begin
  require "fiddle"
rescue LoadError
  exit # a Ruby without fiddle cannot try it
end

module Requirements
  # Parses a line of C with a libclang: `ruby libclang_trial.rb FILE` prints what is wrong with the file, or nothing.
  #
  # This is a program of its own, because fiddle is a gem since Ruby 4.0: in a bundle, Ruby finds it only if the bundle
  # names it. A library that ends the process does not end the build without a message either.
  class LibclangTrial
    # The lowest severity at which a diagnostic of libclang is an error.
    ERROR = 3

    # @param path [String] the library
    def initialize(path)
      @path = path
    end

    # @return [String, nil] what is wrong
    def problem
      "does not find its own headers, such as stddef.h" unless parses?
    rescue Fiddle::DLError => e
      "is no libclang that can be used: #{e.message}"
    end

    private

    def parses?
      @clang = Fiddle.dlopen(@path)
      unit = parse(call("clang_createIndex", Fiddle::TYPE_VOIDP, 0, 0)) or return false
      count = call("clang_getNumDiagnostics", Fiddle::TYPE_INT, unit)
      count.times.none? do |number|
        diagnostic = call("clang_getDiagnostic", Fiddle::TYPE_VOIDP, unit, number)
        call("clang_getDiagnosticSeverity", Fiddle::TYPE_INT, diagnostic) >= ERROR
      end
    end

    def parse(index)
      Dir.mktmpdir do |folder|
        file = File.join(folder, "try.c")
        File.write(file, "#include <stddef.h>\nsize_t size;\n")
        words = arguments.map { |word| Fiddle::Pointer[word] }
        list = Fiddle::Pointer[words.map(&:to_i).pack("J*")]
        unit = call("clang_parseTranslationUnit", Fiddle::TYPE_VOIDP, index, Fiddle::Pointer[file], list, words.size,
                    nil, 0, 0)
        unit unless unit.null?
      end
    end

    # Returns the option that names the folder of clang's own headers, which bindgen passes too where there is a clang.
    def arguments
      folder = Tools.run(ENV.fetch("CLANG_PATH", "clang"), "-print-resource-dir").chomp
      folder.empty? ? [] : ["-isystem", File.join(folder, "include")]
    end

    def call(name, result, *arguments)
      types = arguments.map { |argument| argument.is_a?(Integer) ? Fiddle::TYPE_INT : Fiddle::TYPE_VOIDP }
      Fiddle::Function.new(@clang[name], types, result).call(*arguments)
    end
  end
end

print Requirements::LibclangTrial.new(ARGV.fetch(0)).problem
