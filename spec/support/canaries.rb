# frozen_string_literal: true

require "base64"
require "cgi"
require "pp"
require "yaml"

# Secrets and addresses that appear nowhere else, and every way in which an object could show them.
module Canaries
  # One for each kind of credential.
  SECRETS = %i[client_secret password refresh_token zendesk_secret api_token plan_secret].to_h do |kind|
    [kind, "canary-#{kind.to_s.tr("_", "-")}-Zw4x9Q"]
  end.freeze
  # In all addresses of people.
  DOMAIN = "canary-people.example.edu"
  # Whatever a text must not have, in any form.
  SEARCHED = [*SECRETS.values, "@#{DOMAIN}"].flat_map do |text|
    [text, CGI.escape(text), text.gsub("@", '\\u0040'), Base64.strict_encode64(text)[0..-5]]
  end.uniq.freeze
  PATTERN = /#{Regexp.union(SEARCHED)}|00D\w{12}!\w{20}/

  # Ways in which an object is shown. Each may refuse, but only by saying that it does.
  WAYS = {
    inspect: :inspect.to_proc, pp: :pretty_inspect.to_proc, to_s: :to_s.to_proc, to_json: :to_json.to_proc,
    json: ->(object) { JSON.generate([object]) }, as_json: ->(object) { object.as_json.inspect },
    yaml: :to_yaml.to_proc, marshal: ->(object) { Marshal.dump(object) }
  }.freeze

  # @return [Array<String>] the ways in which the object shows a canary
  def ways_out(object)
    WAYS.select { |_, way| leaks?(shown(object, way)) }.keys
  end

  # @return [Boolean]
  def leaks?(text)
    text.dup.force_encoding(Encoding::BINARY).match?(PATTERN)
  end

  # All that is said of an error, and of those that it came from.
  def told(error)
    return "" unless error

    detailed = error.respond_to?(:detailed_message) ? error.detailed_message : ""
    shown = [error.message, error.full_message, error.inspect, detailed, error.as_json.inspect]
    [*shown, error.instance_variables.map { |name| error.instance_variable_get(name).inspect }, told(error.cause)].join
  end

  private

  def shown(object, way)
    way.call(object)
  rescue CrmSync::NotDumpable => e
    e.full_message
  rescue TypeError => e
    # Marshal's own word for what it cannot write.
    raise unless e.message.match?(/can't dump|_dump_data|singleton/)

    ""
  end
end

RSpec::Matchers.define_negated_matcher :not_leak, :leak
RSpec::Matchers.define :leak do
  match { |text| leaks?(text) }
  failure_message_when_negated { |text| "it leaks: #{text[/.{0,60}(?:#{Canaries::PATTERN}).{0,30}/m]}" }
end
