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
        when String, Symbol, Float then single(value)
        when Hash then value.transform_values { |inner| readable(inner) }
        when Time, DateTime then value.to_time.utc.iso8601(9)
        when Array then value.map { |inner| readable(inner) }
        else value
        end
      end

      # Converts Symbols here, because JSON.generate takes longer for them than for all other values.
      def single(value)
        case value
        when Symbol then value.name
        when Float then value.finite? ? value : value.to_s
        else text(value)
        end
      end

      # Returns bytes that are UTF-8 as text. JSON.generate takes them for it too, but warns since json 2.10, and is to
      # refuse them.
      def text(value)
        return value if Utf8.valid?(value)

        utf8 = Utf8.text(value)
        return value.unpack1("H*") unless Utf8.valid?(utf8)

        value.encoding == Encoding::BINARY ? utf8 : value
      end
    end
  end
  private_constant :PlanDigest
end
