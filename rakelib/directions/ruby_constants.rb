# frozen_string_literal: true

require "ripper"

# Finds which files of a gem name the constants of which others. A module that several files open, such as the gem's
# own, belongs to the file that is called after it, or to none.
class RubyConstants
  # @param root [String] the folder of the gem's sources
  # @param namespace [String] the module that all of them open
  def initialize(root, namespace)
    @namespace = namespace
    @definitions = Hash.new { |names, name| names[name] = [] }
    @uses = Hash.new { |files, file| files[file] = [] }
    Dir["**/*.rb", base: root].sort.each do |file|
      @uses[file]
      walk(Ripper.sexp(File.read(File.join(root, file))), [], file)
    end
  end

  # @return [Hash{String => Array<String>}] for each file those that it names
  def to_h
    @uses.to_h do |file, uses|
      named = uses.uniq.filter_map { |nesting, name| home(nesting, name) }
      [file, named.uniq.sort - [file]]
    end
  end

  private

  def walk(node, nesting, file)
    return unless node.is_a?(Array)

    case node.first
    when :module, :class then define(node, nesting, file)
    when :assign then assign(node, nesting, file)
    when :const_path_ref, :var_ref, :top_const_ref then use(node, nesting, file)
    else node.each { |child| walk(child, nesting, file) }
    end
  end

  def define(node, nesting, file)
    name = path(node[1])
    @definitions[[*nesting, name].join("::")] << file
    walk(node[2], nesting, file) if node.first == :class
    walk(node.last, [*nesting, name], file)
  end

  def assign(node, nesting, file)
    _, (kind, (token, name)), value = node
    @definitions[[*nesting, name].join("::")] << file if kind == :var_field && token == :@const
    walk(value, nesting, file)
  end

  def use(node, nesting, file)
    name = path(node)
    return @uses[file] << [nesting, name] if name

    node.drop(1).each { |child| walk(child, nesting, file) }
  end

  # The name of a constant with its modules; nil for what is none.
  def path(node)
    kind, first, second = node
    case kind
    when :@const then first
    when :const_ref, :var_ref, :top_const_ref then path(first)
    when :const_path_ref then [path(first), path(second)].join("::") if path(first)
    end
  end

  # Looks a constant up as Ruby does: from the innermost module outwards. The members of a constant belong to the
  # constant's file.
  def home(nesting, name)
    nesting.size.downto(0) do |depth|
      full = [*nesting.first(depth), name].join("::")
      full = full.rpartition("::").first until full.empty? || @definitions.key?(full)
      next if full.empty? || !full.start_with?([*nesting.first(depth), name[/\A\w+/]].join("::"))

      return owner(full)
    end
    nil
  end

  def owner(full)
    files = @definitions[full].uniq
    called = underscore(full.delete_prefix("#{@namespace}::"))
    files.one? ? files.first : files.find { |file| file.delete_suffix(".rb") == called }
  end

  def underscore(name)
    name.gsub("::", "/").gsub(/(?<=[a-z\d])(?=[A-Z])/, "_").downcase
  end
end
