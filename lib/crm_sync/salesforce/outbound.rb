# frozen_string_literal: true

require "bigdecimal"
require "json"
require "active_support/core_ext/date/acts_like"
require "active_support/core_ext/date_time/acts_like"
require "active_support/core_ext/date_time/calculations"
require "active_support/core_ext/object/acts_like"
require "active_support/core_ext/time/acts_like"

module CrmSync
  # Converts values to the form in which Salesforce takes them: times in UTC with milliseconds, dates in ISO 8601,
  # decimals as numbers with all their digits. A value without such a form is refused, not sent in an invented one.
  module Outbound
    # Advice about the values that are accepted.
    FORMS = "give a text, a number, true or false, a Date or a Time"
    # The message about a text that is not a result of {json}.
    NO_FIELDS = "the fields are not a JSON object"
    private_constant :FORMS, :NO_FIELDS

    class << self
      # @param fields [Hash{String => Object}]
      # @return [String] JSON
      # @raise [ArgumentError] when a value has no form in JSON; the message does not contain the value, except a number
      #   that is not finite
      def json(fields)
        return JSON.generate(fields) if fields.values.all? { |value| plain?(value) }

        "{#{fields.map { |name, value| "#{JSON.generate(name.to_s)}:#{literal(value)}" }.join(",")}}"
      end

      # @param value [Object]
      # @return [void]
      # @raise (see #json)
      def check(value)
        literal(value) unless plain?(value)
      end

      # @param text [String] the result of {json}
      # @return [Hash{String => Object}] the fields, which {json} takes
      # @raise (see #json)
      def fields(text)
        fields = JSON.parse(text, decimal_class: BigDecimal)
        raise ArgumentError, NO_FIELDS unless fields.is_a?(Hash)

        fields.each_value { |value| check(value) }
      rescue JSON::ParserError # the message quotes the text
        raise ArgumentError, NO_FIELDS, cause: nil
      end

      private

      # Returns whether JSON.generate already gives the right form.
      def plain?(value)
        case value
        when nil, true, false, Integer then true
        when String then value.instance_of?(String) && value.encoding == Encoding::UTF_8 && value.valid_encoding?
        end
      end

      def literal(value)
        case value
        when nil, true, false, Integer then value.to_json
        when String, Symbol then text(value.to_s)
        when BigDecimal, Float then number(value)
        else moment(value)
        end
      end

      # Converts subclasses of String to a String, because they may define a JSON of their own.
      def text(value)
        utf8 = String.new(value).encode(Encoding::UTF_8)
        raise ArgumentError, "a text that is not UTF-8 is not sent to Salesforce" unless utf8.valid_encoding?

        JSON.generate(utf8)
      rescue EncodingError
        raise ArgumentError, "a text that cannot be UTF-8 is not sent to Salesforce", cause: nil
      end

      def number(value)
        raise ArgumentError, "#{value} is not a number that Salesforce could take" unless value.finite?

        value.is_a?(BigDecimal) ? value.to_s("F") : JSON.generate(value)
      end

      # Checks for times first, because a time acts like a date as well.
      def moment(value)
        return JSON.generate(value.getutc.iso8601(3)) if value.acts_like?(:time)
        return JSON.generate(value.to_date.iso8601) if value.acts_like?(:date)

        raise ArgumentError, "#{Given.kind(value)} has no form that Salesforce could take; #{FORMS}"
      end
    end
  end
  private_constant :Outbound
end
