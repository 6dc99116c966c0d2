# frozen_string_literal: true

module CrmSync
  module CommandLine
    # A stream for text, which keeps control characters from the terminal. A reader that has gone away, such as +head+
    # in a pipe, does not stop the work: it goes on, and the exit code says how it ended.
    class Stream
      CONTROL = /[[:cntrl:]&&[^\n]]/
      private_constant :CONTROL

      # @param stream [IO]
      def initialize(stream)
        @stream = stream
        @gone = false
      end

      # Writes texts, with a space in the place of each control character.
      def print(*texts)
        return if @gone

        @stream.write(texts.join.scrub("?").gsub(CONTROL, " "))
        @stream.flush # an error at the end of the process could not be rescued
      rescue Errno::EPIPE
        @gone = true
      end

      # Writes each text as a line.
      def puts(*texts)
        texts = [""] if texts.empty?
        print(texts.flatten.map { |text| text.to_s.end_with?("\n") ? text : "#{text}\n" }.join)
      end

      # Does nothing, because every write has been flushed already.
      def flush
        self
      end
    end
    private_constant :Stream
  end
end
