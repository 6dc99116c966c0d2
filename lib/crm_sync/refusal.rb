# frozen_string_literal: true

module CrmSync
  # Represents the refusal to write changes, because a budget is exceeded or a source looks wrong, together with the
  # +allow:+ that lets them through. It contains no e-mail address.
  #
  # @example Look whom it concerns, and then let it through
  #   run = UpdateUserSalesforceInfo.call
  #   puts run.refusals
  #   UpdateUserSalesforceInfo.call(allow: run.refusals.first.allow)
  # @example Look at the users concerned, and then let the changes through
  class Refusal
    # @return [Symbol] the name of the budget or the source, such as +:unlink+ or +:contacts+
    attr_reader :name
    # @return [String] a description of the refused changes, the reason, and the users concerned
    attr_reader :reason
    # @return [Hash{Symbol => Integer}] the +allow:+ that lets these changes through, and those that the run refused
    #   beside them
    attr_reader :allow
    # @api private
    # @return [String] the reason in a few words
    attr_reader :brief
    # @api private
    # @return [Array] the values by which refusals of several runs are recognized as the same
    attr_reader :signature

    class << self
      # Changes the proposal in {#to_s} for the duration of the block. The command line uses it to propose a command
      # instead of a call in Ruby.
      #
      # @api private
      # @param words [Proc] is given the +allow:+ and returns the text that proposes it
      # @return [Object] the result of the block
      def propose(words)
        before = @proposal
        @proposal = words
        yield
      ensure
        @proposal = before
      end

      # @api private
      # @param sync_name [String] the name of the sync's class
      # @param allow [Hash{Symbol => Integer}]
      # @return [String] the call or command that lets the changes through
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

    # @return [String] one line: the reason, and the call that lets the changes through
    # @example
    #   run.refusals.map(&:to_s)
    def to_s
      "#{reason}. If that is right: #{self.class.proposal(@sync_name, allow)}"
    end

    # @return [String]
    def inspect
      "#<#{self.class.name} #{self}>"
    end

    # Returns the refusal for Rails' JSON serialization.
    # @return [Hash{String => Object}] +name+, +reason+, +allow+, and +message+, which is {#to_s}
    # @example
    #   run.refusals.first.as_json["allow"] # => { "unlink" => 6 }
    def as_json(*)
      { "name" => name.to_s, "reason" => reason, "allow" => allow.transform_keys(&:to_s), "message" => to_s }
    end
  end
end
