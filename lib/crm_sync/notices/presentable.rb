# frozen_string_literal: true

module CrmSync
  # Text from outside, made fit for logs, terminals and mails.
  module Presentable
    LIMIT = 300
    # An at sign, also where it is written for a URL, for JSON or for HTML.
    AT = /(?:@|%40|\\u0040|&#(?:64|x40);|&commat;)/i
    # A word in which something stands on both sides of an at sign, as in +ann@b.edu+ and +(ann@@b.edu)+. An at sign by
    # itself, and names such as +@user+, are not addresses.
    ADDRESS = /\S*[^\s@(<\[,;:]#{AT}+[^\s@)>\],;:]\S*/i
    # A line of ASCII that {text} leaves as it is: single spaces, and nothing of which an at sign could be made.
    PLAIN = /\A[!-~&&[^@%&\\]]+(?: [!-~&&[^@%&\\]]+)*\z/
    private_constant :LIMIT, :AT, :ADDRESS, :PLAIN

    # @return [String] one line without control characters and without anybody's address
    def self.text(text)
      text = text.to_s
      return text if text.ascii_only? && text.size <= LIMIT && text.match?(PLAIN)

      text.scrub("?").gsub(/(?:[[:cntrl:]]|[[:space:]])+/, " ").gsub(ADDRESS, "[address]").strip.truncate(LIMIT)
    end

    # @return [String] a number with its thousands set apart
    def self.count(number)
      number.to_s.gsub(/(?<=\d)(?=(\d{3})+\z)/, ",")
    end

    # @param number [Integer]
    # @param noun [String] for one of them
    # @return [String] such as +"1 user"+ or +"1,200 users"+
    def self.counted(number, noun)
      "#{count(number)} #{noun.pluralize(number)}"
    end

    # @param seconds [Integer] since 1970
    # @return [String] a time that everybody understands, whatever their zone
    def self.time(seconds)
      Time.at(seconds).utc.strftime("%Y-%m-%d %H:%M UTC")
    end

    # @return [String] a value as it may be shown
    def self.value(value)
      text(value.is_a?(String) || value.is_a?(Symbol) ? value : value.inspect)
    end
  end
  private_constant :Presentable
end
