# frozen_string_literal: true

module CrmSync
  module Native
    # The items of a run of writes that a job of Zendesk has: +job+ (its id), +stage+ (+:update+ or +:mark+), and
    # +indexes+ (the places of the items in the list of that stage).
    Accepted = Struct.new(:job, :stage, :indexes, keyword_init: true)

    # A field of an object of Salesforce's, as {Salesforce::Field} has it.
    Described = Struct.new(:name, :type, :max_length, :nillable, :createable, :updateable, :external_id, :unique,
                           :picklist_values, :references, keyword_init: true)

    # The end of an item of a run of writes: +stage+ (+:create+, +:update+ or +:mark+), +index+ (its place in the list
    # of that stage), +id+ (the organization, if there is one now), +outcome+ (+:done+, +:refused+, +:unknown+ or
    # +:not_tried+), and, where there are such, +reason+ (the kind of reason, such as +:name_taken+), +code+ (Zendesk's
    # own), +message+ and +holder+ (the organization that is in the way).
    Finished = Struct.new(:stage, :index, :id, :outcome, :reason, :code, :message, :holder, keyword_init: true) do
      # @return [Boolean] whether it may have been written nevertheless, or in part
      def maybe?
        outcome == :unknown || partial?
      end

      # @return [Boolean] whether Zendesk took the item, except for attributes that it does not know
      def partial?
        reason == :unknown_attributes
      end
    end

    # The state of a field after a write: +how+ (+:as_sent+, +:rewritten+ or +:put_back+), and the +value+ that stands
    # there, unless it is the one that was sent.
    Stored = Struct.new(:how, :value, keyword_init: true)

    # The end of a row that was written to Salesforce: +status+ (as {Salesforce::RowResult} has it), +id+ (the record,
    # if it is there) and +error+ (if it is not known to be there).
    Written = Struct.new(:status, :id, :error, keyword_init: true)
  end
end
