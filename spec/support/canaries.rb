# frozen_string_literal: true

require "pp" # pretty_inspect does not load it, as pp does
require "uri"
require "yaml"
require "zlib"

# Secrets and addresses that appear nowhere else, and every way in which an object could show them.
module Canaries
  # One for each kind of credential.
  SECRETS = %i[client_secret password refresh_token zendesk_secret zendesk_token api_token plan_secret].to_h do |kind|
    [kind, "canary-#{kind.to_s.tr("_", "-")}-Zw4x9Q"]
  end.freeze
  # At the end of the local part of every address: messages may name its first letter and its domain.
  LOCAL = "canarybird"
  # Access tokens of Salesforce.
  TOKEN = /00D\w{12}!\w{20}/
  # The words that a text must not have, in any form.
  WORDS = [*SECRETS.values, LOCAL].flat_map do |text|
    [text, URI.encode_www_form_component(text), [text].pack("m0")[0..-5]]
  end
  PATTERN = /#{Regexp.union(WORDS.uniq)}|#{TOKEN}/

  # Ways in which an object is shown. Each may refuse, but only by saying that it does.
  WAYS = {
    inspect: :inspect.to_proc, pp: :pretty_inspect.to_proc, to_s: :to_s.to_proc, to_json: :to_json.to_proc,
    json: ->(object) { JSON.generate([object]) }, as_json: ->(object) { object.as_json.inspect },
    yaml: :to_yaml.to_proc, marshal: ->(object) { Marshal.dump(object) }
  }.freeze

  # A person's address.
  def address(name)
    "#{name}.#{LOCAL}@example.edu"
  end

  # @return [Array<Symbol>] the ways in which the object shows a canary
  def ways_out(object)
    return (leaks?(told(object)) ? [:told] : []) if object.is_a?(Exception)

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
    values = error.instance_variables.map { |name| error.instance_variable_get(name).inspect }
    said = [error.message, error.full_message, error.inspect, detailed, error.as_json.inspect, *values]
    [*said, told(error.cause)].map(&:b).join("\n")
  end

  # @return [Hash{Class => Array<Object>}] all objects of the gem's classes that are there
  def ours
    class_of = Kernel.instance_method(:class)
    ObjectSpace.each_object.group_by { |object| class_of.bind_call(object) }
               .select { |found, _| found.name&.start_with?("CrmSync::") }
  end

  # @return [Hash{String => String}] the contents of the files below a folder
  def files_below(folder)
    paths = Dir.glob("#{folder}/**/*", File::FNM_DOTMATCH).select { |path| File.file?(path) }
    paths.to_h { |path| [path, path.end_with?(".gz") ? Zlib.gunzip(File.binread(path)) : File.binread(path)] }
  end

  private

  # An object of another example, which the collector has left, may ask for a database or a table that is gone.
  def shown(object, way)
    way.call(object)
  rescue CrmSync::NotDumpable => e
    e.full_message
  rescue StandardError => e
    raise unless @others&.include?(object)

    e.full_message
  end
end

RSpec::Matchers.define :leak do
  match { |text| leaks?(text) }
  failure_message_when_negated { |text| "it leaks: #{text[/.{0,60}(?:#{Canaries::PATTERN}).{0,30}/m]}" }
end
