# frozen_string_literal: true

module CrmSync
  # Text from outside, made fit for logs, terminals and mails.
  # @api private
  module Presentable
    LIMIT = 300
    # A word in which something stands on both sides of an @, as in +ann@b.edu+ and +(ann@@b.edu)+. An @ by
    # itself, and names such as +@user+, are no addresses.
    ADDRESS = /\S*[^\s@(<\[,;:]@+[^\s@)>\],;:]\S*/
    private_constant :LIMIT, :ADDRESS

    # @return [String] one line without control characters and without anybody's address
    def self.text(text)
      text.to_s.scrub("?").gsub(/[[:cntrl:][:space:]]+/, " ").gsub(ADDRESS, "[address]").strip.truncate(LIMIT)
    end

    # @return [String] a number with its thousands set apart
    def self.count(number)
      number.to_s.gsub(/(?<=\d)(?=(\d{3})+\z)/, ",")
    end

    # @param seconds [Integer] since 1970
    # @return [String] a time that everybody understands, whatever their zone
    def self.time(seconds)
      Time.at(seconds).utc.strftime("%Y-%m-%d %H:%M UTC")
    end

    # @return [String] a value as it may be shown
    def self.value(value)
      value.is_a?(String) || value.is_a?(Symbol) ? text(value) : value.inspect
    end
  end
end
