# frozen_string_literal: true

require "json"

module OpenStax
  # Stands in for the gem openstax_rescue_from around a background job. Writes what its notifier would be told to the
  # file RESCUE_FROM_LOG, a JSON line each, and also the news that the block came to its end.
  module RescueFrom
    class << self
      def this
        yield.tap { note(finished: true) }
      rescue Exception => e # rubocop:disable Lint/RescueException -- the original takes interrupts and exits as well
        note(class: e.class.name, message: e.message)
        raise unless ENV["RAISE_BACKGROUND_EXCEPTIONS"] == "false"
      end

      private

      def note(entry)
        path = ENV.fetch("RESCUE_FROM_LOG", nil)
        File.open(path, "a") { |file| file.puts(JSON.generate(entry)) } if path
      end
    end
  end
end
