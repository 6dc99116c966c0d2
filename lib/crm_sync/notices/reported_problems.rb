# frozen_string_literal: true

require "digest"
require "json"

module CrmSync
  # Remembers what was told last in one place, so that the same is told again only once a day.
  class ReportedProblems
    # Seconds. Less than a day, so that who asks once a day is told every time, also when clocks go forward that night.
    AGAIN = 22 * 3_600
    private_constant :AGAIN

    # @param state [CrmSync::State::Table, CrmSync::State::Folder]
    # @param place [String] the place of the report, such as +"log"+
    def initialize(state, place)
      @state = state
      @name = "told: #{place}"
    end

    # @param things [Array] the things to tell, in any order
    # @return [String, nil] the same for the same things; nil for none
    def self.digest(things)
      Digest::SHA256.hexdigest(JSON.generate(things.map(&:to_json).sort)) if things.any?
    end

    # @param digest [String, nil]
    # @return [Symbol] +:nothing+ to tell, +:news+, the +:same+ as before, or +:over+
    def compare(digest)
      return last.empty? ? :nothing : :over unless digest

      same = last["digest"] == digest && (now - last["at"]).abs < AGAIN
      same ? :same : :news
    end

    # @return [Integer] since when that is told which was told last, in seconds
    def since
      last["since"]
    end

    # Keeps that it has been told.
    # @param digest [String]
    def keep(digest)
      since = last["digest"] == digest ? self.since : now
      @state.write(@name, "digest" => digest, "since" => since, "at" => now)
    end

    # Keeps that it is over.
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
