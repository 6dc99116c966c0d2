# frozen_string_literal: true

module CrmSync
  module CommandLine
    # A stream for text: no control character reaches the terminal. A reader that has left, as in
    # <tt>| head</tt>, is no reason to stop: the work goes on, and the exit code says how it ended.
    class Stream
      CONTROL = /[[:cntrl:]&&[^\n]]/
      private_constant :CONTROL

      # @param stream [IO]
      def initialize(stream)
        @stream = stream
        @gone = false
      end

      # Writes texts as they are.
      def print(*texts)
        return if @gone

        @stream.write(texts.join.scrub("?").gsub(CONTROL, " "))
        @stream.flush # what is left for the end of the process could not be rescued
      rescue Errno::EPIPE
        @gone = true
      end

      # Writes texts, each as a line.
      def puts(*texts)
        texts = [""] if texts.empty?
        print(*texts.flatten.map { |text| text.to_s.end_with?("\n") ? text : "#{text}\n" })
      end

      # Does nothing: all that is written is out already.
      def flush
        self
      end
    end
    private_constant :Stream
  end
end
