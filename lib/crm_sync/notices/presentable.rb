# frozen_string_literal: true

require_relative "../store/utf8"

module CrmSync
  # Makes text from outside safe to show in logs, terminals and e-mails.
  module Presentable
    LIMIT = 300
    # The number of items of a list that a message names.
    NAMED = 10
    # An at sign, including its escaped forms in URLs, JSON and HTML.
    AT = /(?:@|%40|\\u0040|&#(?:64|x40);|&commat;)/i
    WORD = /\S+/
    # The place in a word that has characters on both sides of an at sign, as in +ann@b.edu+ and +(ann@@b.edu)+. A
    # single at sign, and names such as +@user+, are not addresses. Each word is searched by itself, because a pattern
    # for whole words with such a place takes hours for a word of a million characters.
    ADDRESS = /[^\s@(<\[,;:]#{AT}+[^\s@)>\],;:]/i
    # A line of ASCII that {text} leaves as it is: single spaces, and no characters that can be part of an at sign.
    PLAIN = /\A[!-~&&[^@%&\\]]+(?: [!-~&&[^@%&\\]]+)*\z/
    private_constant :LIMIT, :NAMED, :AT, :WORD, :ADDRESS, :PLAIN

    # @return [String] one line of at most 300 characters, without control characters and e-mail addresses
    def self.text(text)
      text = text.to_s
      return text if text.ascii_only? && text.size <= LIMIT && text.match?(PLAIN)

      line = utf8(text).scrub("?").gsub(/(?:[[:cntrl:]]|[[:space:]])+/, " ")
      line.gsub(WORD) { |word| word.match?(ADDRESS) ? "[address]" : word }.strip.truncate(LIMIT)
    end

    # @param error [Exception]
    # @return [String] its message; of a NameError only the unknown name, because Ruby's own message can show an object
    #   with its values
    def self.error(error)
      error.is_a?(NameError) ? "undefined #{error.name}" : text(error.message)
    end

    # Converts a text to UTF-8, so that it can be joined to other texts. Bytes may be UTF-8.
    def self.utf8(text)
      case text.encoding
      when Encoding::UTF_8 then text
      when Encoding::BINARY then Utf8.text(text)
      else text.encode(Encoding::UTF_8, invalid: :replace, undef: :replace, replace: "?")
      end
    end
    private_class_method :utf8

    # @return [String] a number with commas between its thousands
    def self.count(number)
      number.to_s.gsub(/(?<=\d)(?=(\d{3})+\z)/, ",")
    end

    # @param number [Integer]
    # @param noun [String] in the singular
    # @return [String] such as +"1 user"+ or +"1,200 users"+
    def self.counted(number, noun)
      "#{count(number)} #{noun.pluralize(number)}"
    end

    # @param items [Array<Object>]
    # @return [String] the first ten, and how many more there are, such as +"7, 9"+ or +"1, 2, … and 1,200 more"+
    def self.list(items)
      more = " and #{count(items.size - NAMED)} more" if items.size > NAMED
      "#{items.first(NAMED).join(", ")}#{more}"
    end

    # @param noun [String] in the singular
    # @param items [Array<Object>]
    # @return [String] such as +"user 7"+ or +"users 7, 9"+
    def self.named(noun, items)
      "#{noun.pluralize(items.size)} #{list(items)}"
    end

    # @param seconds [Integer] seconds since 1970
    # @return [String] a time in UTC, which everybody understands, whatever their time zone
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
