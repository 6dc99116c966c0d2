# frozen_string_literal: true

require "tsort"

# Checks which folder names which against a table, and that no files name each other in a circle.
class Directions
  include TSort

  # @param imports [Hash{String => Array<String>}] for each file those that it names
  # @param allowed [Hash{String => Array<String>}] for each folder (or file, without extension) those that it may name
  # @param within [Boolean] whether files of one folder may name each other in a circle
  def initialize(imports, allowed, within: false)
    @imports = imports
    @allowed = allowed
    @within = within
  end

  # @return [Array<String>] the complaints
  def complaints
    [*misplaced, *against_the_direction, *circles]
  end

  private

  def misplaced
    strangers = @imports.keys.reject { |file| layer(file) }.map { |file| "#{file} has no place in the table" }
    known = @imports.keys.map { |file| layer(file) }
    strangers + (@allowed.keys - known).map { |name| "#{name} is in the table, and no file is there" }
  end

  def against_the_direction
    @imports.flat_map do |file, named|
      forbidden = named.reject { |other| may_name?(layer(file), layer(other)) }
      forbidden.map { |other| "#{file} names #{other}: #{layer(file)} must not know #{layer(other)}" }
    end
  end

  # Allows what has no place, which is told as such.
  def may_name?(layer, other)
    layer.nil? || other.nil? || layer == other || @allowed[layer].include?(other)
  end

  def circles
    each_strongly_connected_component.select { |files| circle?(files) }.map do |files|
      names = files.sort.map { |file| "#{file} (#{(@imports[file] & files).join(", ")})" }
      "in a circle, each with those of it that it names: #{names.join("; ")}"
    end
  end

  def circle?(files)
    files.size > 1 && !(@within && files.map { |file| layer(file) }.uniq.one?)
  end

  # The entry of the table that fits best.
  def layer(file)
    place = "#{file.delete_suffix(File.extname(file))}/"
    @allowed.keys.select { |name| place.start_with?("#{name}/") }.max_by(&:size)
  end

  def tsort_each_node(&) = @imports.each_key(&)

  def tsort_each_child(file, &) = @imports[file].each(&)
end
