# frozen_string_literal: true

module CrmSync
  class Configuration
    # Checks the form of a host name, so that a mistake is found before a request is sent. No message contains the text.
    class HostForm
      LOOPBACK = /\A(?:localhost|127(?:\.\d+){3}|\[::1\])\z/i
      LABEL = /[[:alnum:]](?:[[:alnum:]_-]*[[:alnum:]])?/
      NAME = /\A#{LABEL}(?:\.#{LABEL})*\z/
      private_constant :LOOPBACK, :LABEL, :NAME

      # @param text [Object]
      def initialize(text)
        @text = text.to_s.strip
        @scheme, rest = @text.include?("://") ? @text.split("://", 2) : ["https", @text]
        @authority, @path = rest.split(%r{(?=[/?#])}, 2)
      end

      # @return [String] the host name without scheme, port and path
      def name
        @authority.to_s.sub(/:\d+\z/, "").downcase
      end

      # @return [String, nil] the problem; nil if there is none
      def problem
        return "is not a host name: there is white space in it" if @text.match?(/\s/)
        return "must be https" unless safe?
        return "has a path behind the host" unless [nil, "/"].include?(@path)

        wrong_name unless loopback?
      end

      private

      def safe?
        @scheme.casecmp?("https") || (@scheme.casecmp?("http") && loopback?)
      end

      def loopback?
        name.match?(LOOPBACK)
      end

      def wrong_name
        return "names no host" if name.empty?
        return "is not a host name" unless name.match?(NAME)

        "is not a whole host name" unless name.include?(".")
      end
    end
    private_constant :HostForm
  end
end
