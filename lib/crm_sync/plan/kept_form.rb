# frozen_string_literal: true

module CrmSync
  # Tells whether values that JSON reads from a file have the form that they are to have. Whoever may write a file can
  # put anything into it, and seal it anew where nobody signs it.
  #
  # A form is a Class or a Proc that tells by +===+ whether a value is right, a Hash of the forms of members, an Array
  # with the form of its items, or one of the Structs below.
  module KeptForm
    # A Hash with any names, +required+ among them, whose values have one form.
    Named = Struct.new(:form, :required)
    # A Hash of which those members that are there have these forms.
    Present = Struct.new(:forms)
    # An Array of so many items, each with a form of its own.
    Tuple = Struct.new(:forms)
    # A value that may be missing.
    Maybe = Struct.new(:form)

    # A text that is UTF-8.
    TEXT = ->(value) { value.is_a?(String) && value.valid_encoding? }
    # A number of things.
    COUNT = ->(value) { value.is_a?(Integer) && !value.negative? }
    # Yes or no.
    FLAG = ->(value) { [true, false].include?(value) }
    # The key of a record.
    KEY = ->(value) { value.is_a?(Integer) || TEXT.call(value) }

    class << self
      # @param form [Object]
      # @param value [Object] as JSON reads it
      # @return [Array<String, Integer>, nil] the way to the first value that has another form; empty for +value+ itself
      def misfit(form, value)
        case form
        when Proc, Class then ([] unless form === value) # rubocop:disable Style/CaseEquality
        when Maybe then (misfit(form.form, value) unless value.nil?)
        when Array, Tuple then in_items(form, value)
        else in_members(form, value)
        end
      end

      private

      def in_members(form, value)
        return [] unless value.is_a?(Hash)

        members(form, value).each do |name, its|
          way = misfit(its, value[name])
          return [name, *way] if way
        end
        nil
      end

      def members(form, value)
        case form
        when Named then [*form.required, *value.keys].to_h { |name| [name, form.form] }
        when Present then form.forms.slice(*value.keys)
        else form
        end
      end

      def in_items(form, items)
        return [] if !items.is_a?(Array) || (form.is_a?(Tuple) && form.forms.size != items.size)

        items.each_with_index do |item, place|
          way = misfit(form.is_a?(Tuple) ? form.forms[place] : form.first, item)
          return [place, *way] if way
        end
        nil
      end
    end
  end
  private_constant :KeptForm
end
