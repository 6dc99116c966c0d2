# frozen_string_literal: true

require "rails_helper"
require "ripper"
require "active_support/all"

# An app without Rails has only the extensions of Ruby's classes that somebody requires. What others require, such as
# Active Record, is another matter in each of their versions.
RSpec.describe "Active Support" do
  sources = Dir[File.join(Leftovers::CHECKOUT, "lib/**/*.rb")]
  ruby = sources.to_h { |path| [path.delete_prefix("#{Leftovers::CHECKOUT}/"), File.read(path)] }

  # All parts of a tree of Ripper's.
  define_method(:parts) do |node|
    node.is_a?(Array) ? [node, *node.flat_map { |child| parts(child) }] : []
  end

  # The names that some kinds of parts have at a place.
  define_method(:named) do |parts, place, *kinds|
    parts.select { |part| kinds.include?(part[0]) && part[place].is_a?(Array) }
         .filter_map { |part| part[place].flatten[1] if part[place].flatten[0] == :@ident }.map(&:to_sym)
  end

  # By the name of each method that only Active Support adds to Ruby's classes, the files that do.
  let(:extensions) do
    methods = ObjectSpace.each_object(Module).flat_map do |owner|
      names = owner.instance_methods(false) + owner.private_instance_methods(false)
      own = names.map { |name| owner.instance_method(name) }
      own + own.filter_map(&:super_method) # what a prepended module replaces
    end
    methods.group_by(&:name).transform_values { |all| all.map(&:source_location) }
           .reject { |_, places| places.include?(nil) } # Ruby itself has a method of that name
           .transform_values { |places| places.filter_map { |file,| file[%r{/(active_support/core_ext/.*)\.rb\z}, 1] } }
           .select { |_, files| files.any? }
  end

  it "is asked for each extension that the gem uses" do
    required = ruby.values.flat_map { |code| code.scan(%r{^\s*require "(active_support/core_ext/.*)"}) }.flatten
    trees = ruby.transform_values { |code| parts(Ripper.sexp(code)) }
    defined = trees.values.flat_map { |tree| named(tree, 1, :def) }
    needed = extensions.except(*defined).reject do |_, files|
      files.any? { |found| required.any? { |known| found == known || found.start_with?("#{known}/") } }
    end
    missing = trees.flat_map do |file, tree|
      called = named(tree, 3, :call, :command_call) | named(tree, 1, :symbol)
      (called & needed.keys).map { |name| "#{file} uses #{name} of #{needed[name].uniq.join(", ")}" }
    end
    expect(missing).to eq([]), missing.join("\n")
  end
end
