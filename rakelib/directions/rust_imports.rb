# frozen_string_literal: true

require_relative "rust_source"

# Finds which files of a crate name which others. A file that names something where it is passed on (`pub use`) names
# the file in which it is; passing on what is in one's own folder is no use of it.
#
# Methods have no path: those that a file adds to a type of another file are not seen where they are called.
class RustImports
  # @param root [String] the folder of the crate's sources
  def initialize(root)
    @files = Dir["**/*.rs", base: root].sort.to_h { |path| [modules(path), path] }
    @sources = @files.transform_values { |path| RustSource.new(File.read(File.join(root, path))) }
  end

  # @return [Hash{String => Array<String>}] for each file those that it names
  def to_h
    @files.to_h do |place, path|
      named = paths(place).filter_map { |names| resolve(place, names) }
      [path, @files.values_at(*named.uniq).compact.sort - [path]]
    end
  end

  private

  # `contacts/mod.rs` is the module `contacts`.
  def modules(path)
    names = path.delete_suffix(".rs").split("/")
    %w[mod lib].include?(names.last) ? names[...-1] : names
  end

  def paths(place)
    source = @sources[place]
    used = source.uses.reject { |use| use.public && own?(place, use.names) }
    known = source.uses.to_h { |use| [use.known_as, use.names] }
    in_code = source.paths.map { |first, *rest| [*known.fetch(first, [first]), *rest] }
    used.map(&:names) + in_code
  end

  def own?(place, names)
    names.first == "self" || child?(place, names.first)
  end

  def child?(place, name)
    @sources[place].children.include?(name)
  end

  # The module of what a path names: as far as the path leads through files, and on from where it is passed on. A path
  # into another crate has none.
  def resolve(place, names, passed = [])
    full = absolute(place, names)
    return unless full

    base = full.first(full.size.downto(1).find { |size| @files.key?(full.first(size)) }.to_i)
    use = passed_on(base, full[base.size])
    return base if use.nil? || passed.include?([base, use])

    resolve(base, [*use.names, *full.drop(base.size + 1)], [*passed, [base, use]])
  end

  def passed_on(place, name)
    @sources[place].uses.find { |use| use.known_as == name } if @sources.key?(place)
  end

  # A path from the crate's root on; nothing for one into another crate.
  def absolute(place, names)
    begins = { "crate" => [], "self" => place }[names.first]
    return begins + names.drop(1) if begins

    ups = names.take_while { |name| name == "super" }.size
    return place[0...-ups] + names.drop(ups) if ups.positive?

    place + names if child?(place, names.first)
  end
end
