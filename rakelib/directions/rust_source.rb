# frozen_string_literal: true

# The names of other modules in one file of Rust. Names in comments, in texts and in unit tests do not count.
class RustSource
  # A `use`: the segments of its path, the name that it gives here, and whether others may use that too.
  Use = Struct.new(:names, :known_as, :public)

  UNCODED = %r{//[^\n]*|/\*.*?\*/|\bb?r(#*)".*?"\1|"(?:\\.|[^"\\])*"|'(?:\\[^']*|[^\\'])'}m
  TESTS = /#\[cfg\(test\)\][^;{]*(?:;|(?<block>\{(?:[^{}]++|\g<block>)*+\}))/
  USE = /\b(pub(?:\([^)]*\))?\s+)?use\s+([^;]+);/
  PART_OF_LIST = /(?<part>(?:[^,{}]|\{(?:\g<part>|,)*\})+)/
  PATH = /(?<![\w:])\w+(?:::\w+)+/
  private_constant :UNCODED, :TESTS, :USE, :PART_OF_LIST, :PATH

  # @return [Array<Use>]
  attr_reader :uses

  # @return [Array<String>] the modules that the file declares
  attr_reader :children

  # @return [Array<Array<String>>] the segments of each path in the code
  attr_reader :paths

  def initialize(text)
    code = text.gsub(UNCODED, '""').gsub(TESTS, "")
    @uses = code.scan(USE).flat_map { |public, tree| expand(tree).map { |path| use(path, !public.nil?) } }
    @children = code.scan(/\bmod\s+(\w+)\s*;/).flatten
    @paths = code.gsub(USE, "").scan(PATH).uniq.map { |path| path.split("::") }
  end

  private

  # `a::{b, c::{d, e}}` is `a::b`, `a::c::d` and `a::c::e`.
  def expand(tree)
    head, list = tree.match(/\A([^{]*)(?:\{(.*)\}\s*)?\z/m).captures
    return [head.strip] unless list

    parts = []
    list.scan(PART_OF_LIST) { parts << Regexp.last_match[0] }
    parts.map(&:strip).reject(&:empty?).flat_map { |part| expand(head.strip + part) }
  end

  def use(path, public)
    path, name = path.split(/\s+as\s+/)
    names = path.split("::")
    names.pop if names.last == "self"
    Use.new(names, name || names.last, public)
  end
end
