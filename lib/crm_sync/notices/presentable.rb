# frozen_string_literal: true

require_relative "../store/utf8"

module CrmSync
  # Text from outside, made fit for logs, terminals and mails.
  module Presentable
    LIMIT = 300
    # An at sign, also where it is written for a URL, for JSON or for HTML.
    AT = /(?:@|%40|\\u0040|&#(?:64|x40);|&commat;)/i
    WORD = /\S+/
    # The place in a word at which something stands on both sides of an at sign, as in +ann@b.edu+ and +(ann@@b.edu)+.
    # An at sign by itself, and names such as +@user+, are not addresses. It is looked for in one word after the other:
    # a pattern of whole words that have one takes hours for a word of a million characters.
    ADDRESS = /[^\s@(<\[,;:]#{AT}+[^\s@)>\],;:]/i
    # A line of ASCII that {text} leaves as it is: single spaces, and nothing of which an at sign could be made.
    PLAIN = /\A[!-~&&[^@%&\\]]+(?: [!-~&&[^@%&\\]]+)*\z/
    private_constant :LIMIT, :AT, :WORD, :ADDRESS, :PLAIN

    # @return [String] one line without control characters and without anybody's address
    def self.text(text)
      text = text.to_s
      return text if text.ascii_only? && text.size <= LIMIT && text.match?(PLAIN)

      line = utf8(text).scrub("?").gsub(/(?:[[:cntrl:]]|[[:space:]])+/, " ")
      line.gsub(WORD) { |word| word.match?(ADDRESS) ? "[address]" : word }.strip.truncate(LIMIT)
    end

    # Returns a text that can be joined to ours. Bytes may be UTF-8.
    def self.utf8(text)
      case text.encoding
      when Encoding::UTF_8 then text
      when Encoding::BINARY then Utf8.text(text)
      else text.encode(Encoding::UTF_8, invalid: :replace, undef: :replace, replace: "?")
      end
    end
    private_class_method :utf8

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
