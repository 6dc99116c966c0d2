# frozen_string_literal: true

require "json"
require_relative "../native"
require_relative "../store/preemptible"
require_relative "../store/utf8"

module CrmSync
  # Computes the digest of changes. Equal changes have equal digests in every process and time zone.
  module PlanDigest
    # The number of changes that are converted to JSON at once.
    SLICE = 500
    private_constant :SLICE

    class << self
      # @param changes [Array<CrmSync::Change>]
      # @return [String]
      def of(changes)
        # Converts them in slices, because as JSON they need more memory than the changes themselves.
        digest = Native::Digest.new << "["
        changes.each_slice(SLICE).with_index do |slice, place|
          digest << "," unless place.zero?
          digest << JSON.generate(Preemptible.new(slice).map { |change| readable(change.to_a) })[1..-2]
        end
        (digest << "]").hexdigest
      end

      private

      # Returns the one spelling of a value, which is the same in every time zone. Bytes that are not text, and infinite
      # numbers and dates, get a spelling of their own, because JSON has none for them.
      def readable(value)
        case value
        when String then text(value)
        when Integer, true, false, nil then value
        when Hash then value.transform_values { |inner| readable(inner) }
        when Array then value.map { |inner| readable(inner) }
        else single(value)
        end
      end

      # Converts values that are less frequent. Symbols are converted here, because JSON.generate takes longer for them
      # than for all other values.
      def single(value)
        case value
        when Symbol then value.name
        when Float then value.finite? ? value : value.to_s
        when Time, DateTime then value.getutc.iso8601(9)
        else value
        end
      end

      # JSON takes no text that is called binary, whatever it holds.
      def text(value)
        return value if Utf8.valid?(value)

        utf8 = value.encoding == Encoding::BINARY ? Utf8.text(value) : value.encode(Encoding::UTF_8)
        utf8.valid_encoding? ? utf8 : value.unpack1("H*")
      rescue EncodingError
        value.unpack1("H*")
      end
    end
  end
  private_constant :PlanDigest
end
