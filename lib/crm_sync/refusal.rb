# frozen_string_literal: true

module CrmSync
  # Something that is not written, because a budget does not reach or a source looks wrong, and what lets it through. It
  # holds nobody's address.
  #
  # @example Look whom it concerns, and then let it through
  #   run = UpdateUserSalesforceInfo.call
  #   puts run.refusals
  #   UpdateUserSalesforceInfo.call(allow: run.refusals.first.allow)
  class Refusal
    # @return [Symbol] the budget or the source, such as +:unlink+ or +:contacts+
    attr_reader :name
    # @return [String] the thing that is refused, the reason, and whom it concerns
    attr_reader :reason
    # @return [Hash{Symbol => Integer}] the +allow:+ that lets it through, with all that is refused beside it
    attr_reader :allow
    # @api private
    # @return [String] a few words
    attr_reader :brief
    # @api private
    # @return [Array] the values that make it the same as in another run
    attr_reader :signature

    class << self
      # Has refusals propose other words than a call in Ruby while the block runs, as the command line does.
      #
      # @api private
      # @param words [Proc] makes of the +allow:+ the words that let it through
      # @return [Object] the result of the block
      def propose(words)
        before = @proposal
        @proposal = words
        yield
      ensure
        @proposal = before
      end

      # @api private
      # @param sync_name [String]
      # @param allow [Hash{Symbol => Integer}]
      # @return [String] the words that let it through
      def proposal(sync_name, allow)
        return @proposal.call(allow) if @proposal

        "#{sync_name}.call(allow: { #{allow.map { |name, count| "#{name}: #{count}" }.join(", ")} })"
      end
    end

    # @api private
    def initialize(sync_name:, name:, reason:, allow:, brief:, signature:)
      @sync_name = sync_name
      @name = name
      @reason = reason
      @allow = allow.freeze
      @brief = brief
      @signature = signature
      freeze
    end

    # @return [String] one line for a tired person, with the call that goes on
    # @example
    #   run.refusals.map(&:to_s)
    def to_s
      "#{reason}. If that is right: #{self.class.proposal(@sync_name, allow)}"
    end

    # @return [String]
    def inspect
      "#<#{self.class.name} #{self}>"
    end

    # For JSON, as Rails makes it.
    # @return [Hash{String => Object}] +name+, +reason+, +allow+, and the +message+ that has both
    # @example
    #   run.refusals.first.as_json["allow"] # => { "unlink" => 6 }
    def as_json(*)
      { "name" => name.to_s, "reason" => reason, "allow" => allow.transform_keys(&:to_s), "message" => to_s }
    end
  end
end
