# frozen_string_literal: true

module CrmSync
  # The constants that a block names, found without running it, so that one that is not there is told before anything is
  # read. Only where Ruby lets its instructions be looked at; elsewhere none is found.
  class NamedConstants
    # @param block [Proc, nil]
    def initialize(block)
      @block = block
    end

    # @return [Array<String>] those that are not there; one that the block itself asks for by +defined?+ does not count
    def missing
      return [] unless @block && (code = instructions)

      named = []
      asked = []
      walk(code.to_a, named, asked)
      (named.uniq - asked).reject { |name| known?(name) }
    end

    private

    # Nothing for a block that is not written in Ruby, such as that of a Symbol.
    def instructions
      RubyVM::InstructionSequence.of(@block) if defined?(RubyVM::InstructionSequence)
    rescue ArgumentError
      nil
    end

    # A path such as A::B is one instruction since Ruby 3.2, and before it one for each name behind one that begins it.
    def walk(code, named, asked)
      code.each do |part|
        next unless part.is_a?(Array)

        case part
        in [:opt_getconstant_path, names] then named << names.reject { |name| name.to_s.empty? }.join("::")
        in [:opt_getinlinecache, *] then named << +""
        in [:getconstant, name] then named.last&.concat(named.last.empty? ? name.to_s : "::#{name}")
        in [:defined, _, Symbol => name, *] then asked << name.to_s
        else walk(part, named, asked)
        end
      end
    end

    # Looks it up as the block itself would, which may have the app load it.
    def known?(name)
      @block.binding.eval(name) # nothing but a constant's path
      true
    rescue NameError => e
      !name.split("::").include?(e.name.to_s)
    rescue StandardError, LoadError
      true # it is there, and what is wrong with it is told when the block runs
    end
  end
  private_constant :NamedConstants
end
