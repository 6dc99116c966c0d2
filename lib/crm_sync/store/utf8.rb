# frozen_string_literal: true

module CrmSync
  # Text from the environment, the command line and the file system. It is UTF-8, whatever the locale of the process;
  # with LANG=C, Ruby takes it for ASCII or binary data.
  module Utf8
    # @param text [String]
    # @return [String]
    def self.text(text)
      text.dup.force_encoding(Encoding::UTF_8)
    end

    # @param text [String]
    # @return [Boolean] whether the text can be used as UTF-8 without a change of its encoding, as any ASCII can
    def self.valid?(text)
      text.ascii_only? || (text.encoding == Encoding::UTF_8 && text.valid_encoding?)
    end

    # @param name [String] the name of an environment variable
    # @return [String, nil] the value; +nil+ if the variable is not set, or blank
    def self.variable(name)
      value = ENV.fetch(name, nil)
      text(value).presence if value
    end
  end
  private_constant :Utf8
end
