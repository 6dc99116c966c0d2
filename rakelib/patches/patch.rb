# frozen_string_literal: true

# A patch for the checkout. The lines in front of it say what it does, and how it is tried.
class Patch
  # @return [String]
  attr_reader :path

  def initialize(path)
    @path = path
    @text = File.read(path)
  end

  # @return [String] its file's name
  def name
    File.basename(path, ".patch")
  end

  # @return [String] the title, which says what it changes
  def title
    head.lines.first.to_s.chomp
  end

  # @param name [String]
  # @return [String] the rest of a line in front of it, such as "Spec: …"; empty if there is none
  def said(name)
    head[/^#{name}: (.+)/, 1].to_s
  end

  # @return [Array<String>] the files that it makes, changes or deletes
  def files
    @text.scan(%r{^(?:---|\+\+\+) [ab]/(\S+)}).flatten.uniq
  end

  # @return [Boolean] whether it has to be compiled
  def rust?
    files.any? { |file| file.end_with?(".rs") }
  end

  private

  def head
    @text[/\A.*?(?=^(?:diff|---) )/m].to_s
  end
end
