# frozen_string_literal: true

require_relative "../notices/suggestion"

module CrmSync
  # Wraps the words of a declaration, and raises an error for a word that is mistyped or misused, with its line and the
  # correction. A class that includes this module has +declaration+ and +here+.
  class Words < Module
    # Public methods of the modules that are not words.
    OTHERS = %i[list].freeze
    # The errors that Ruby raises when a word is called with missing, surplus or wrong arguments.
    MISUSE = [ArgumentError, TypeError, NoMethodError].freeze
    OURS = "#{File.dirname(__dir__)}/".freeze
    private_constant :OTHERS, :MISUSE, :OURS

    # Wraps the words that a sync class is extended with.
    # @param sync [Class]
    # @param places [Array<Module>] the modules that define the words
    # @return [void]
    def self.guard_sync(sync, *places)
      sync.extend(new(*places))
    end

    # Wraps the words of a block.
    # @param block [Class] the class whose instance methods are the words
    # @return [void]
    def self.guard_block(block)
      block.prepend(new(block))
    end

    # @param places [Array<Module>] the modules that define the words
    def initialize(*places)
      super()
      known = places.flat_map { |place| place.public_instance_methods(false) }.uniq - OTHERS
      places.each { |place| (place.public_instance_methods(false) & known).each { |word| guard(place, word) } }
      refuse_unknown(known)
    end

    # @param error [StandardError] the error that a word raised
    # @return [Boolean] whether the arguments of the word caused it, and not a block of the declaration
    def self.misuse?(error)
      case error
      when *MISUSE then error.backtrace_locations.to_a.first&.absolute_path.to_s.start_with?(OURS)
      end
    end

    # @param error [NameError]
    # @param name [Symbol]
    # @return [Boolean] whether the name was used as a word; a method that is called on an object is none
    def self.unknown?(error, name)
      error.name == name && (!error.is_a?(NoMethodError) || error.private_call?)
    end

    # @param word [Symbol]
    # @param parameters [Array<Array(Symbol, Symbol)>] the result of +Method#parameters+
    # @return [String] the word with its arguments
    def self.usage(word, parameters)
      parts = parameters.map do |kind, name|
        { req: name.to_s, opt: "[#{name}]", rest: "#{name}, …", keyreq: "#{name}: …", key: "[#{name}: …]",
          keyrest: "[#{name}: …]", block: "a block" }.fetch(kind)
      end
      block = parts.delete("a block")
      ["#{word} #{parts.join(", ")}".strip, block && "do … end"].compact.join(" ")
    end

    private

    def guard(place, word)
      parameters = place.instance_method(word).parameters
      define_method(word) do |*arguments, **options, &block|
        super(*arguments, **options, &block)
      rescue *MISUSE => e
        raise unless Words.misuse?(e)

        why = "#{e.message.lines.first.chomp}; " if e.instance_of?(ArgumentError)
        declaration.refuse(here, "#{word}: #{why}write it as: #{Words.usage(word, parameters)}")
      end
    end

    def refuse_unknown(known)
      define_method(:method_missing) do |name, *arguments, **options, &block|
        super(name, *arguments, **options, &block)
      rescue NameError => e
        # A block that runs later does not use words either.
        raise if declaration.complete? || !Words.unknown?(e, name)

        near = Suggestion.for(name, known)
        hint = near ? "did you mean #{near}?" : "there are #{known.sort.join(", ")}"
        declaration.refuse(here, "there is no word #{name}; #{hint}")
      end
      define_method(:respond_to_missing?) { |*arguments| super(*arguments) }
      private :method_missing, :respond_to_missing?
    end
  end
  private_constant :Words
end
