# frozen_string_literal: true

module CrmSync
  module Internal
    # Checks the condition of a declaration for mistakes that Salesforce would report only during a run.
    module SoqlCondition
      STRING = /'(?:[^'\\]|\\.)*'/m
      private_constant :STRING

      # @param text [Object] nil stands for no condition
      # @return [String, nil] the problem, if there is one
      def self.problem(text)
        return if text.nil?
        return "where: is text, such as \"Type = 'Partner'\"" unless text.is_a?(String)
        return "where: is blank; leave it out" if text.blank?
        return "where: begins with WHERE; leave that word out" if text.match?(/\A\s*where\b/i)

        slip(text.gsub(STRING, ""))
      end

      def self.slip(bare)
        return "where: has a quote (') that is not closed" if bare.include?("'")
        return "where: has double quotes; SOQL has single ones: 'Partner'" if bare.include?('"')

        "where: has a bracket that has no other half" unless balanced?(bare)
      end

      # @return [Boolean]
      def self.balanced?(text)
        open = 0
        text.scan(/[()]/) { |bracket| (open += bracket == "(" ? 1 : -1).negative? and return false }
        open.zero?
      end
      private_class_method :slip, :balanced?
    end
  end
end
