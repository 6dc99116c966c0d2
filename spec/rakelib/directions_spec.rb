# frozen_string_literal: true

require "spec_helper"
require "fileutils"
require "open3"
require_relative "../../rakelib/directions/directions"
require_relative "../../rakelib/directions/ruby_constants"
require_relative "../../rakelib/directions/rust_imports"

# Covers `rake directions`, which `rake lint` runs: which folder may name which, and no circles.
RSpec.describe "rakelib/directions.rake" do
  def write(files)
    files.each do |path, text|
      FileUtils.mkdir_p(File.dirname(File.join(scratch, path)))
      File.write(File.join(scratch, path), text)
    end
  end

  def imports(files)
    write(files)
    RustImports.new(scratch).to_h
  end

  # Returns the complaints of `rake lint` about the core and the gem with these files in it as well; nothing where it is
  # content.
  def lint(planted)
    checkout = Leftovers::CHECKOUT
    %w[src lib].each { |folder| FileUtils.cp_r(File.join(checkout, folder), scratch) }
    write(planted.transform_values { |lines| "#{lines}\n" })
    tasks = %w[steps directions].map { |name| "load #{File.join(checkout, "rakelib/#{name}.rake").dump}\n" }
    write("Rakefile" => tasks.join)
    said, status = Open3.capture2e("rake", "lint", chdir: scratch)
    said unless status.success?
  end

  describe "rake lint" do
    it "is content with the core" do
      expect(lint({})).to be_nil
    end

    it "fails where a decision names a service" do
      said = lint("src/contacts/planted.rs" => "use crate::salesforce::Client;")
      expect(said).to include("contacts/planted.rs names salesforce/client.rs: contacts must not know salesforce")
    end

    it "fails where a service names a decision" do
      said = lint("src/zendesk/planted.rs" => "fn rules() -> crate::organizations::Rules { todo!() }")
      expect(said).to include("zendesk/planted.rs names organizations/rules.rs: zendesk must not know organizations")
    end

    it "fails where two files name each other" do
      said = lint("src/rows/one.rs" => "use super::other::Two;\npub struct One;",
                  "src/rows/other.rs" => "use super::one::One;\npub struct Two;")
      expect(said).to match(%r{in a circle.*: rows/one\.rs \(rows/other\.rs\); rows/other\.rs \(rows/one\.rs\)})
    end

    it "fails where a store names a sync" do
      said = lint("lib/crm_sync/store/planted.rb" => "module CrmSync\n  PLANTED = Contacts::Planner\nend")
      expect(said).to include("store/planted.rb names contacts/planner.rb: store must not know contacts")
    end

    it "fails where files of two folders name each other" do
      said = lint("lib/crm_sync/store/planted.rb" => "module CrmSync\n  class Planted\n    OTHER = Other\n  end\nend",
                  "lib/crm_sync/notices/other.rb" => "module CrmSync\n  class Other\n    PLANTED = Planted\n  end\nend")
      expect(said).to match(%r{in a circle.*: notices/other\.rb \(store/planted\.rb\); store/planted\.rb})
    end

    it "fails where a folder has no place in the table" do
      expect(lint("src/planted/mod.rs" => "")).to include("planted/mod.rs has no place in the table")
    end
  end

  describe RubyConstants do
    def named(files)
      write(files)
      described_class.new(scratch, "Gem").to_h
    end

    it "looks names up as Ruby does, from the innermost module outwards" do
      found = named("a.rb" => "module Gem\n  class A; end\nend",
                    "wing/a.rb" => "module Gem\n  module Wing\n    class A < Gem::A; end\n  end\nend",
                    "wing/b.rb" => "module Gem\n  module Wing\n    B = Struct.new(:x)\n    def f = A.new\n  end\nend",
                    "c.rb" => "module Gem\n  C = [A, Wing::B, ::Gem::Wing::A]\nend")
      expect(found).to eq("a.rb" => [], "wing/a.rb" => %w[a.rb], "wing/b.rb" => %w[wing/a.rb],
                          "c.rb" => %w[a.rb wing/a.rb wing/b.rb])
    end

    it "takes what a class holds for the class's, and a module that many open for the file of its name" do
      found = named("book.rb" => "module Gem\n  class Book\n    SIZE = 1\n  end\nend",
                    "book/page.rb" => "module Gem\n  class Book\n    class Page; end\n  end\nend",
                    "reader.rb" => "module Gem\n  Book::Page.new(Book::SIZE, Book::LOST, File)\nend")
      expect(found).to include("reader.rb" => %w[book.rb book/page.rb], "book/page.rb" => [])
    end
  end

  describe RustImports do
    it "sees a use in all its forms" do
      named = imports("lib.rs" => "mod a;\nmod b;", "a.rs" => "", "b/mod.rs" => "pub mod c;\npub mod d;\nmod e;",
                      "b/c.rs" => "use crate::{\n  a::{self as first, One},\n  b::{d, e::{Two, Three}},\n};",
                      "b/d.rs" => "pub(crate) use super::super::a::One;", "b/e.rs" => "use super::d::*;")
      expect(named).to include("b/c.rs" => %w[a.rs b/d.rs b/e.rs], "b/d.rs" => %w[a.rs], "b/e.rs" => %w[b/d.rs])
    end

    it "sees paths in the code, also those that begin with a module that is used or declared" do
      named = imports("lib.rs" => "mod a;\nmod b;\nfn f() { b::g() }", "b.rs" => "fn g() -> crate::a::One { todo!() }",
                      "a.rs" => "use super::b as other;\nfn h() { other::g() }")
      expect(named).to eq("a.rs" => %w[b.rs], "b.rs" => %w[a.rs], "lib.rs" => %w[b.rs])
    end

    it "follows what is passed on to where it is" do
      named = imports("a/mod.rs" => "mod b;\nmod c;\npub use b::{One, Two as Second};", "a/b.rs" => "",
                      "a/c.rs" => "use super::One;", "d.rs" => "use crate::a;\nfn f() -> a::Second { todo!() }",
                      "e.rs" => "use crate::a::Second;\nuse std::fmt;\nuse a::Foreign;")
      expect(named).to eq("a/mod.rs" => [], "a/b.rs" => [], "a/c.rs" => %w[a/b.rs], "d.rs" => %w[a/b.rs a/mod.rs],
                          "e.rs" => %w[a/b.rs])
    end

    it "sees nothing in comments, texts and unit tests, and all that is behind them" do
      text = <<~RUST
        //! As crate::a::One.
        /* use crate::a::One; */
        const URL: &str = "https://crate::a::One"; const RAW: &str = r#"" use crate::a::One; "#;
        fn quote<'a>(text: &'a str) -> char { '"' }
        #[cfg(test)]
        mod tests { use crate::a::One; fn f() { if true { crate::a::g() } } }
        use crate::c::Three;
      RUST
      expect(imports("a.rs" => "", "b.rs" => text, "c.rs" => "")).to include("b.rs" => %w[c.rs])
    end
  end

  describe Directions do
    let(:named) { { "low/a.rb" => [], "low/high/b.rb" => %w[low/a.rb], "c.rb" => %w[low/a.rb low/high/b.rb] } }

    it "takes the entry of the table that fits best" do
      allowed = { "low" => [], "low/high" => %w[low], "c" => %w[low] }
      expect(described_class.new(named, allowed).complaints)
        .to eq(["c.rb names low/high/b.rb: c must not know low/high"])
      expect(described_class.new(named, allowed.merge("c" => %w[low low/high])).complaints).to eq([])
    end

    it "says what of the table is not there any more" do
      allowed = { "low" => [], "c" => %w[low], "gone" => [] }
      expect(described_class.new(named, allowed).complaints).to eq(["gone is in the table, and no file is there"])
    end
  end
end
