# frozen_string_literal: true

require "digest"
require "json"

module CrmSync
  # Remembers the last report to one place, so that the same problems are reported again only once a day.
  class ReportedProblems
    # In seconds. Less than a day, so that daily reports come every day, also when clocks go forward in the night.
    AGAIN = 22 * 3_600
    private_constant :AGAIN

    # @param state [CrmSync::State::Table, CrmSync::State::Folder]
    # @param place [String] the place of the reports, such as +"log"+
    def initialize(state, place)
      @state = state
      @name = "told: #{place}"
    end

    # @param things [Array] the problems to report, in any order
    # @return [String, nil] the same digest for the same problems; nil if there are none
    def self.digest(things)
      Digest::SHA256.hexdigest(JSON.generate(things.map(&:to_json).sort)) if things.any?
    end

    # @param digest [String, nil]
    # @return [Symbol] +:nothing+ to report; +:news+; the +:same+ as before; or +:over+
    def compare(digest)
      return last.empty? ? :nothing : :over unless digest

      same = last["digest"] == digest && (now - last["at"]).abs < AGAIN
      same ? :same : :news
    end

    # @return [Integer] the time since when the last problems have been reported, in seconds since 1970
    def since
      last["since"]
    end

    # Records that the problems have been reported.
    # @param digest [String]
    def keep(digest)
      since = last["digest"] == digest ? self.since : now
      @state.write(@name, "digest" => digest, "since" => since, "at" => now)
    end

    # Records that the problems are over.
    def forget
      @state.write(@name, {})
    end

    private

    def last
      @last ||= @state.read(@name)
    end

    def now
      Time.now.to_i
    end
  end
  private_constant :ReportedProblems
end
