# frozen_string_literal: true

module CrmSync
  # Text from the environment, the command line and the file system. It is UTF-8 in whatever locale the process runs;
  # with LANG=C, Ruby takes it for ASCII or for bytes.
  module Utf8
    # @param text [String]
    # @return [String]
    def self.text(text)
      text.dup.force_encoding(Encoding::UTF_8)
    end

    # @param name [String] of a variable of the environment
    # @return [String, nil] nothing where it is not set, or blank
    def self.variable(name)
      value = ENV.fetch(name, nil)
      text(value).presence if value
    end
  end
  private_constant :Utf8
end
