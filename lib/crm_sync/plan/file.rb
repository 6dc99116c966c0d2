# frozen_string_literal: true

require "json"
require_relative "../store/private_folder"
require_relative "../store/utf8"
require_relative "header"
require_relative "signature"

module CrmSync
  # Writes and reads a plan as a file for its owner only: a line with the header, a line for each change, and a line
  # with the seal of both.
  class PlanFile
    # @param path [String, Pathname]
    def initialize(path)
      @path = Utf8.text(File.expand_path(path.to_s))
      @folder = PrivateFolder.new(File.dirname(@path))
    end

    # @param header [Hash{String => Object}]
    # @param changes [Enumerable<Hash{String => Object}>] the changes, each of which is in memory only while its line is
    #   written
    # @raise [CrmSync::FileError]
    def write(header, changes)
      @folder.replace(File.basename(@path)) do |file|
        digest = Native::Digest.new
        put = ->(row) { "#{JSON.generate(row)}\n".tap { |line| digest << line }.then { |line| file.write(line) } }
        put.call(header)
        changes.each(&put)
        file.puts(JSON.generate("seal" => Signature.of_digest(digest.hexdigest)))
      end
    rescue SystemCallError => e
      raise FileError, "#{@path}: it cannot be written: #{e.message}"
    end

    # @return [Array(Hash, Enumerator::Lazy<Hash>)] the header and the changes; each change is in memory only while it
    #   is looked at
    # @raise [CrmSync::StalePlan] when the file is not as it was written
    # @raise [CrmSync::FileError] when it cannot be opened
    def read
      *body, last = lines
      stale("it is no plan") if body.empty?
      problem = Signature.problem(body, seal(last))
      stale(problem) if problem
      header, *changes = body
      [row(header), changes.lazy.map { |line| row(line) }]
    end

    # @raise [CrmSync::StalePlan] always
    def stale(why)
      # Raised without a cause, because a parser's message quotes the contents of the file.
      raise StalePlan, "#{@path}: the plan cannot be applied: #{why}; plan again", cause: nil
    end

    private

    def lines
      @folder.open(File.basename(@path), &:readlines)
    rescue SystemCallError => e
      raise FileError, "#{@path}: it cannot be opened: #{e.message}"
    end

    def seal(line)
      seal = JSON.parse(line)
      seal.is_a?(Hash) && seal["seal"].is_a?(Hash) ? seal["seal"] : stale("its end is missing")
    rescue JSON::ParserError
      stale("its end is missing")
    end

    def row(line)
      row = JSON.parse(line)
      row.is_a?(Hash) ? row : stale("it is no plan")
    rescue JSON::ParserError
      stale("it is no plan")
    end
  end
  private_constant :PlanFile
end
