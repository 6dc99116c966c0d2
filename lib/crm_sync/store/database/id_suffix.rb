# frozen_string_literal: true

module CrmSync
  module Database
    # Builds SQL about the last three characters of a Salesforce id of 18: each of them tells which of five others are
    # capital letters.
    # @api private
    module IdSuffix
      LETTERS = [*"A".."Z", *"0".."5"].join.freeze
      CAPITALS = "BETWEEN 65 AND 90"
      private_constant :LETTERS, :CAPITALS

      # @param text [String] SQL for 18 letters and digits
      # @param code [String] the database's function for the code of a character
      # @return [String] SQL for the condition that the last three fit
      def self.fits(text, code)
        (0..2).map do |chunk|
          capitals = (0..4).map { |bit| "#{at(text, (chunk * 5) + bit, code)} #{CAPITALS}" }
          bits = capitals.each_with_index.map { |capital, bit| "CASE WHEN #{capital} THEN #{1 << bit} ELSE 0 END" }
          "#{code}(SUBSTR('#{LETTERS}', 1 + #{bits.join(" + ")}, 1)) = #{at(text, 15 + chunk, code)}"
        end.join(" AND ")
      end

      def self.at(text, place, code) = "#{code}(SUBSTR(#{text}, #{place + 1}, 1))"
      private_class_method :at
    end
    private_constant :IdSuffix
  end
end
