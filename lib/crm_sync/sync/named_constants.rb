# frozen_string_literal: true

module CrmSync
  # Finds the constants that a block names, without running the block, so that a missing constant is reported before
  # anything is read. Only where Ruby shows the instructions of a block; elsewhere no constant is found.
  class NamedConstants
    # @param block [Proc, nil]
    def initialize(block)
      @block = block
    end

    # @return [Array<String>] the constants that do not exist, without those that the block itself checks by +defined?+
    def missing
      return [] unless @block && (code = instructions)

      named = []
      asked = []
      walk(code.to_a, named, asked)
      (named.uniq - asked).reject { |name| known?(name) }
    end

    private

    # Returns nil for a block that is not written in Ruby, such as that of a Symbol.
    def instructions
      RubyVM::InstructionSequence.of(@block) if defined?(RubyVM::InstructionSequence)
    rescue ArgumentError
      nil
    end

    # Collects constants. A path such as A::B is one instruction since Ruby 3.2; before, it is an instruction that
    # begins the path, and one for each name.
    def walk(code, named, asked)
      code.grep(Array).each do |part|
        case part
        in [:opt_getconstant_path, names] then named << names.reject { |name| name.to_s.empty? }.join("::")
        in [:opt_getinlinecache, *] then named << +""
        in [:getconstant, name] then append(named.last, name)
        in [:defined, _, Symbol => name, *] then asked << name.to_s
        else walk(part, named, asked)
        end
      end
    end

    # Appends a name to the path that was begun, if one was.
    def append(path, name)
      path&.concat(path.empty? ? name.to_s : "::#{name}")
    end

    # Looks up a constant as the block itself would, which may make the app load it.
    def known?(name)
      @block.binding.eval(name) # runs only a constant's path
      true
    rescue NameError => e
      !name.split("::").include?(e.name.to_s)
    rescue StandardError, LoadError
      true # it exists, and its error is raised when the block runs
    end
  end
  private_constant :NamedConstants
end
