# frozen_string_literal: true

module CrmSync
  module Zendesk
    # The ending of the write of one organization, as the core tells it.
    class Ending
      VERBS = { "refused" => "failed", "unknown" => "has no known end", "not_tried" => "was not tried" }.freeze
      private_constant :VERBS

      # @param outcome [String] +done+, +refused+, +unknown+ or +not_tried+
      # @param reason [String, nil] the kind of reason, such as +name_taken+
      # @param code [String, nil] Zendesk's own
      # @param message [String, nil]
      # @param holder [Integer, nil] the organization that is in the way
      def initialize(outcome, reason, code, message, holder)
        @outcome = outcome
        @reason = reason
        @code = code
        @message = message
        @holder = holder
      end

      # @param action [String] the action that was done, such as +"the update of organization 1"+
      # @param id [Integer, nil] the organization that is there now although its creation did not end well
      # @param stopped [CrmSync::Error, nil] the error after which nothing more was tried
      # @return [CrmSync::Error, nil]
      def error(action, id: nil, stopped: nil)
        return if @outcome == "done"
        return stopped if stopped && @outcome == "not_tried"

        text = ["#{action} #{VERBS.fetch(@outcome)}: #{@message}", advice(id)].compact.join("; ")
        RemoteError.new("Zendesk: #{text}#{" (#{@code})" if @code}", service: "Zendesk", code: @code)
      end

      private

      def advice(id)
        if @outcome == "unknown"
          "without a sync, look for it before you write it again"
        elsif @reason == "unknown_attributes"
          id ? "all else is there, as organization #{id}" : "all else is written"
        elsif @holder && @reason != "twice"
          "organization #{@holder} has it"
        end
      end
    end
    private_constant :Ending
  end
end
