# frozen_string_literal: true

require "json"
require_relative "../store/private_folder"
require_relative "../store/utf8"
require_relative "header"
require_relative "signature"

module CrmSync
  # A plan as a file for its owner only: the header, one change a line, and a line that seals both.
  class PlanFile
    # @param path [String, Pathname]
    def initialize(path)
      @path = Utf8.text(File.expand_path(path.to_s))
      @folder = PrivateFolder.new(File.dirname(@path))
    end

    # @param header [Hash{String => Object}]
    # @param changes [Enumerable<Hash{String => Object}>] each is in memory only while its line is made
    # @raise [CrmSync::FileError]
    def write(header, changes)
      body = changes.each_with_object("#{JSON.generate(header)}\n".dup) do |change, text|
        text << JSON.generate(change) << "\n"
      end
      @folder.write(File.basename(@path), "#{body}#{JSON.generate("seal" => Signature.of(body))}\n")
    rescue SystemCallError => e
      raise FileError, "#{@path}: it cannot be written: #{e.message}"
    end

    # @return [Array(Hash, Array<Hash>)] header and changes
    # @raise [CrmSync::StalePlan] when it is not as it was written
    # @raise [CrmSync::FileError] when it cannot be opened
    def read
      *body, last = text.lines
      stale("it is no plan") unless body.any?
      problem = Signature.problem(body.join, seal(last))
      stale(problem) if problem
      header, *changes = body.map { |line| JSON.parse(line) }
      stale("it is no plan") unless [header, *changes].all?(Hash)
      [header, changes]
    rescue JSON::ParserError
      stale("it is no plan")
    end

    # @raise [CrmSync::StalePlan] always
    def stale(why)
      # Raised without a cause: a parser's words quote what is in the file.
      raise StalePlan, "#{@path}: the plan cannot be applied: #{why}; plan again", cause: nil
    end

    private

    def text
      @folder.open(File.basename(@path), &:read)
    rescue SystemCallError => e
      raise FileError, "#{@path}: it cannot be opened: #{e.message}"
    end

    def seal(line)
      seal = JSON.parse(line)
      seal.is_a?(Hash) && seal["seal"].is_a?(Hash) ? seal["seal"] : stale("its end is missing")
    rescue JSON::ParserError
      stale("its end is missing")
    end
  end
  private_constant :PlanFile
end
