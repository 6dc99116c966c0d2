# frozen_string_literal: true

require "bigdecimal"
require "date"
require "time"
require "active_support/core_ext/date_time/calculations"

module CrmSync
  class Comparison
    # Converts values to the types that the core takes: nil, true, false, text, numbers, and arrays and Hashes of these.
    module Value
      # Raised for a value that cannot be compared. The message continues a sentence that begins with the name of the
      # field.
      class Unfit < StandardError; end

      # The range of the whole numbers that the core holds without loss.
      WHOLE = (-(2**63)..((2**64) - 1))
      DEPTH = 50
      private_constant :WHOLE, :DEPTH

      class << self
        # Returns the value in the form that the core takes.
        # @raise [Unfit] when the value cannot be compared
        def of(value, kind, depth = DEPTH)
          case value
          when nil, true, false then value
          when String, Symbol then text(value.to_s)
          when Integer, Float, BigDecimal then number(value)
          when Date, Time then time(value, kind)
          when Array, Hash then several(value, depth)
          else raise Unfit, "is of class #{value.class}; give text, a number, true, false, nil, a date or a time, " \
                            "or an Array or a Hash of these"
          end
        end

        private

        def text(text)
          return text if text.encoding == Encoding::UTF_8 && text.valid_encoding?

          text.encode(Encoding::UTF_8).tap { |utf8| raise EncodingError unless utf8.valid_encoding? }
        rescue EncodingError
          raise Unfit, "is text that is not valid #{text.encoding}; set its encoding, or scrub it"
        end

        # Converts a number that does not fit to its spelling, so that two different numbers never become equal.
        def number(number)
          raise Unfit, "is not a finite number; give nil or a number" unless number.finite?
          return number if number.is_a?(Float)

          whole(number) || fraction(number) || (number.is_a?(Integer) ? number.to_s : spelling(number))
        end

        def whole(number)
          return unless number.is_a?(Integer) || (number.exponent < 20 && number.frac.zero?)

          number.to_i if WHOLE.cover?(number)
        end

        def fraction(number)
          float = number.to_f
          float if float.finite? && BigDecimal(float.to_s) == number
        end

        # Spells a decimal without an exponent, unless that would take hundreds of zeros.
        def spelling(decimal)
          decimal.to_s(decimal.exponent.abs < 400 ? "F" : "E")
        end

        # Formats a date as the date in its own time zone, and a time as UTC, so that the same moment is equal in every
        # zone.
        def time(time, kind)
          return time.strftime("%F") if kind == :date || (time.is_a?(Date) && !time.is_a?(DateTime))

          moment = time.getutc
          moment.iso8601(moment.subsec.zero? ? 0 : 9)
        end

        def several(values, depth)
          raise Unfit, "is nested too deep; compare what is inside by its path" if depth.zero?
          return values.map { |value| of(value, :any, depth - 1) } if values.is_a?(Array)

          values.to_h { |name, value| [text(name.to_s), of(value, :any, depth - 1)] }
        end
      end
    end
    private_constant :Value
  end
end
