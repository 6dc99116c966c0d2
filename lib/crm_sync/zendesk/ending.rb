# frozen_string_literal: true

module CrmSync
  module Zendesk
    # Converts the result of the write of one organization, as the core reports it, to an error.
    class Ending
      VERBS = { refused: "failed", unknown: "has no known end", not_tried: "was not tried" }.freeze
      private_constant :VERBS

      # @param item [CrmSync::Native::Finished]
      def initialize(item)
        @item = item
      end

      # @param action [String] the action that was tried, such as +"the update of organization 1"+
      # @param stopped [CrmSync::Error, nil] the error after which nothing more was tried
      # @return [CrmSync::Error, nil]
      def error(action, stopped: nil)
        return if @item.outcome == :done
        return stopped if stopped && @item.outcome == :not_tried

        text = ["#{action} #{VERBS.fetch(@item.outcome)}: #{@item.message}", advice].compact.join("; ")
        code = @item.code
        RemoteError.new("Zendesk: #{text}#{" (#{code})" if code}", service: "Zendesk", code:)
      end

      private

      def advice
        if @item.outcome == :unknown
          "without a sync, look for it before you write it again"
        elsif @item.partial?
          @item.stage == :create ? "all else is there, as organization #{@item.id}" : "all else is written"
        elsif @item.holder && @item.reason != :twice
          "organization #{@item.holder} has it"
        end
      end
    end
    private_constant :Ending
  end
end
